import type { Say } from "../../shell/language";

export interface LessonShort {
  name: string;
  title: Say;
  summary: Say;
  minutes: number;
  booklet: string[];
  own: boolean;
  steps: number;
  done: number;
  begun: boolean;
}

export interface StepText {
  id: string;
  title: Say;
  text: Say;
  hints: Say[];
  repairable: boolean;
  question: { question: Say; choices: Say[] } | null;
  expected: Record<string, [number, number]>;
}

export type StepState = "open" | "under way" | "done";

export interface StepProgress {
  id: string;
  state: StepState;
  helped: boolean;
  set: string;
  run: string;
  choice: number | null;
  right: boolean;
  because: Say | null;
  screen: string;
  missing: Say[];
}

export interface LessonProgress {
  lesson: string;
  /** The first step that is not done; empty when all are. */
  current: string;
  nickname: string;
  code: string;
  steps: StepProgress[];
}

export interface LessonWhole extends LessonShort {
  data: { source: Say; terms: Say } | null;
  texts: StepText[];
  progress: LessonProgress | null;
}

export type Mark = StepState | "helped";

export interface Decoded {
  rows: { code: string; nickname: string; lesson: string; title: Say | null; other: boolean; seed: number; day: string; steps: Mark[]; titles: Say[]; done: number }[];
  faults: { code: string; error: { code: string; ja: string; en: string } }[];
}

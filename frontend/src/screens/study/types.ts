import type { Say } from "../../shell/language";

export interface StudyLine {
  name: string;
  title: string;
  created: string;
  runs: number;
  error: Say | null;
}

export interface StudyRun {
  id: string;
  name: string;
  label: Say | null;
  state: Say | null;
  there: boolean;
}

export type AnswerState = "open" | "reported" | "not applicable";

export interface Item {
  key: string;
  part: Say;
  text: Say;
  source: string;
  state: AnswerState;
  answer: string;
  known: Say | null;
}

export interface StudyWhole {
  name: string;
  title: string;
  created: string;
  ethics: string;
  period: string;
  exclusions: string;
  notes: string;
  runs: StudyRun[];
  free: StudyRun[];
  data: { key: string; rows: number; linked: boolean; set: string; name: string }[];
  checklist: Item[];
  answers: { state: AnswerState; text: Say }[];
  citation: Say;
}

export interface Packed {
  token: string;
  bytes: number;
  notes: Say[];
}

export interface TakenIn {
  study: string;
  runs: number;
  kept: number;
  linked: string[];
  missing: { key: string; why: Say }[];
  notes: Say[];
}

export interface Job<T> {
  state: "running" | "done" | "failed";
  stage: Say;
  done: number;
  total: number;
  result: T | null;
  error: { code: string; ja: string; en: string } | null;
}

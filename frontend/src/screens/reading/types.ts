/** What the server tells about reading experiments. */
export type Task = "rating" | "marks" | "grading" | "pair" | "rank";

export interface Standing {
  done: number;
  total: number;
  /** Number of the trial to go on with; null when everything is answered. */
  next: number | null;
  session: number;
  sessions: number;
  /** When the session may begin, seconds since 1970; 0 for at once. */
  opens: number;
  began: boolean;
  last: number;
  seconds: number;
}

/** How answers look. */
export interface Form {
  id: string;
  name: string;
  task: Task;
  scale: string;
  criteria: string[];
  one_mark: boolean;
  /** Images begin at 1:1; else they fit. */
  actual_size: boolean;
  back: boolean;
  break_minutes: number;
  /** Values of a scale with steps; empty for 0 to 100. */
  steps: number[];
}

export type ReaderShort = { name: string; number: number; fault: string | null } & Standing;

export interface Experiment extends Form {
  created: string;
  tests: string[];
  cases: number;
  training: number;
  truth: string;
  mixed: boolean;
  both_orders: boolean;
  washout_days: number;
  readers: ReaderShort[];
  packs?: { pack: string; reader: number; made: string }[];
}

export interface Mark {
  x: number;
  y: number;
  rating: number | null;
}

/** An answer; which part is there depends on the task. */
export interface Value {
  rating?: number;
  marks?: Mark[];
  grades?: (number | null)[];
  score?: number;
  order?: number[];
}

export interface Trial {
  session: number;
  training: boolean;
  /** Image addresses from left to right. */
  images: string[];
  value: Value | null;
}

export interface ReaderView extends Form {
  reader: number;
  reader_name: string;
  trials: Trial[];
  standing: Standing;
  /** What was told of the session before. */
  environment: { monitor: string; ambient: string };
}

/** Whether an answer may be stored. */
export function isWhole(form: Form, value: Value, panes: number): boolean {
  if (form.task === "rating") return value.rating !== undefined;
  if (form.task === "pair") return value.score !== undefined;
  if (form.task === "rank") return value.order?.length === panes;
  if (form.task === "grading") return form.criteria.every((_, n) => typeof value.grades?.[n] === "number");
  const marks = value.marks ?? [];
  return marks.every((mark) => mark.rating !== null) && (!form.one_mark || marks.length === 1);
}

/** The key that chooses each step: 0 and 1 for no and yes, else counted from 1. */
export function keyOf(steps: number[], place: number): string {
  return String(steps.length === 2 && steps[0] === 0 ? place : place + 1);
}

/** Steps as they stand on the screen; those of pairs begin with "left is better". */
export function shownSteps(form: Form): number[] {
  return form.task === "pair" ? [...form.steps].reverse() : form.steps;
}

export const letterOf = (place: number) => String.fromCharCode(65 + place);

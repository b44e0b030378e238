/** Runs as the server tells them (`/api/runs`). */
import type { Say } from "../../shell/language";

export type State = "made" | "starting" | "queued" | "running" | "stopped" | "cancelled" | "failed" | "finished";

export interface Value {
  name: string;
  best: number;
  best_epoch: number;
  last: number;
}

export interface Estimate {
  name: Say;
  value: number | null;
  low: number | null;
  high: number | null;
  unit: string;
}

export interface Run {
  id: string;
  name: string;
  note: string;
  archived: boolean;
  task: string;
  title: Say;
  data: string;
  set: string;
  rows: number;
  state: State;
  word: Say;
  cancelling: boolean;
  code: string;
  error: Say | null;
  silent_s: number | null;
  started: number;
  seconds: number | null;
  stage: Say | null;
  share: number | null;
  epoch: number | null;
  epochs: number | null;
  fold: number | null;
  network: string;
  left_s: number | null;
  values: Value[];
  headline: Estimate[];
}

export interface RunDetail extends Run {
  recipe: { name: string; label: Say; value: Say | string | number | boolean }[];
  studies: string[];
  version: string;
  /** Of one image, where the network is known. */
  multiply_adds: number | null;
}

export interface RunEvent {
  time: number;
  stage: Say;
  done: number;
  total: number;
  facts: Record<string, unknown>;
  note: Say | null;
}

export interface Told {
  next: number;
  events: RunEvent[];
  run: Run;
}

export const UNDER_WAY: readonly State[] = ["starting", "queued", "running"];
export const underWay = (run: Run) => UNDER_WAY.includes(run.state);

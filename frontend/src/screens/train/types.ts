/** What the form of a training holds, and what the server says about it. */
import type { Option, Values } from "../../form";
import type { Say } from "../../shell/language";

export interface Method {
  name: string;
  label: Say;
  task: string;
  about: Say | null;
  /** The parts that columns must play; of several either will do. */
  needs: string[];
}

export interface Choices {
  methods: Method[];
  protocol: Option[];
  few_patients: number;
}

export type RoleName = "label" | "patient" | "value" | "mask" | "split";

/** A training as it is sent to `/api/train/check`, `/trial` and `/start`. */
export interface Wish {
  method: string;
  set: string;
  roles: Partial<Record<RoleName, string | null>>;
  options: Values;
  protocol: Values;
  seed: number;
  name: string;
}

export interface Remark {
  level: "fault" | "warning" | "note" | "ok";
  title: Say;
  text: Say;
  code: string;
  cure: Record<string, unknown>;
}

export interface Checked {
  passed: boolean;
  remarks: Remark[];
  facts: { images?: number; patients?: number | null; classes?: string[]; plan?: Say; train?: number; trainings?: number };
}

export interface Tried {
  seconds: number;
  time: Say;
  memory: number;
  device: string;
}

export interface Job<Result> {
  state: "running" | "done" | "failed";
  stage: Say;
  done: number;
  total: number;
  result: Result | null;
  error: { code: string; ja: string; en: string } | null;
}

export interface SetEntry {
  id: string;
  name: string;
  rows: number;
  roles: Record<string, string>;
  simulated: boolean;
  cover: string;
}

export interface SetFacts {
  columns: { name: string; role: string; kind: string; filled: number; different: number; levels: [string, number][] }[];
  roles: Record<string, string>;
  patients: number | null;
}

export const NEW: Wish = { method: "", set: "", roles: {}, options: {}, protocol: {}, seed: 0, name: "" };

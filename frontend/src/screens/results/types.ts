/** What the server tells of a finished run. */
import type { PlainPicture } from "../../parts/figure";
import type { PlainTable } from "../../parts/table";
import type { Say } from "../../shell/language";

export interface Estimate {
  name: Say;
  value: number | null;
  low: number | null;
  high: number | null;
  level: number;
  unit: string;
  method: Say;
  text: Say;
}

export interface ConfusionNumbers {
  type: "confusion";
  classes: string[];
  counts: number[][];
  percent: (number | null)[][];
}

export interface RocNumbers {
  type: "roc";
  curves: RocCurve[];
}

export interface RocCurve {
  title: Say;
  auc: Estimate;
  fpr: number[];
  tpr: number[];
  thresholds: (number | null)[];
  grid: number[];
  low: number[];
  high: number[];
  positives: number;
  negatives: number;
  level: number;
}

export interface Picture extends PlainPicture {
  numbers: ConfusionNumbers | RocNumbers | { type: "curves"; points: number } | null;
}

export interface Section {
  key: string;
  title: Say;
  sentences: Say[];
  warnings: Say[];
  tables: PlainTable[];
  pictures: Picture[];
}

export interface RunAbout {
  id: string;
  name: string;
  task: string;
  label: Say;
  rows: number;
  learned: boolean;
  finished: number | null;
}

export interface RunResult extends RunAbout {
  kind: string;
  estimates: Record<string, Estimate>;
  sections: Section[];
}

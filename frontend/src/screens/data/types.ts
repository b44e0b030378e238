/** What the server tells about data sets and about files on their way in. */
import type { PlainTable } from "../../parts/table";
import type { Say } from "../../shell/language";

export interface SetShort {
  id: string;
  name: string;
  created: string;
  origin: "upload" | "local" | "sample" | "cohort";
  simulated: boolean;
  rows: number;
  roles: Record<string, string>;
  cover: string;
}

export interface Column {
  name: string;
  role: string;
  kind: "number" | "category" | "text" | "boxes";
  filled: number;
  different: number;
  levels: [string, number][];
  low: number | null;
  high: number | null;
}

export interface ClassCount {
  name: string;
  images: number;
  patients: number | null;
}

export interface SetWhole extends SetShort {
  remark: string;
  said: Say[];
  columns: Column[];
  patients: number | null;
  balance: ClassCount[];
  parent: { id: string; name: string } | null;
  exclusions: { conditions?: Condition[] };
  fixes: number;
}

export interface Row {
  row: number;
  address: string;
  cells: Record<string, string>;
}

export interface RowPage {
  total: number;
  columns: string[];
  rows: Row[];
}

export interface Condition {
  sign: string;
  column: string;
  values: string[];
}

export interface FlowStep {
  reason: Say;
  images_out: number;
  patients_out: number;
  images: number;
  patients: number;
}

export interface Flow {
  images: number;
  patients: number;
  patients_known: boolean;
  steps: FlowStep[];
}

export interface Finding {
  severity: "serious" | "warning" | "note";
  code: string;
  text: Say;
  cure: Say;
  rows: number[];
}

export interface Checked {
  known: boolean;
  findings: Finding[];
  copies: number[][];
  summary: PlainTable | null;
}

export type Use = "label" | "patient" | "value" | "mask" | "split" | "date" | "keep" | "leave";
export const USES: Use[] = ["keep", "label", "value", "patient", "date", "split", "mask", "leave"];

export interface Proposed {
  name: string;
  use: Use;
  filled: number;
  different: number;
  examples: [string, number][];
  why: Say | null;
}

export interface RowFault extends Say {
  line: number;
  serious: boolean;
}

export interface TableSeen {
  index: number;
  number: number;
  rows: number;
  columns: number;
  matched: number;
}

export interface Fitted {
  on: "file" | "patient";
  column: string;
  matched: number;
  unlisted: number;
  faults: RowFault[];
  fault_count: number;
}

export interface Group {
  key: string;
  modality: string;
  width: number;
  height: number;
  count: number;
  rows: number[];
  doubt: Say | null;
}

export interface Looked {
  kind: "layout" | "dicom" | "arrays" | "pictures" | "raw" | "nothing";
  layout: Say | null;
  images: number;
  patients: number | null;
  others: number;
  sizes: [string, number][];
  depths: [string, number][];
  facts: { name: Say; value: string }[];
  said: Say[];
  columns: Proposed[];
  tables: TableSeen[];
  table: (Fitted & { columns: string[] }) | null;
  groups: Group[];
  faults: (Say & { number: number })[];
  raw_sizes: { bytes: number; files: number }[];
  in_place: boolean;
  masks: boolean;
  boxes: boolean;
}

export type Rectangle = [number, number, number, number];

export interface Cure {
  take: boolean;
  rectangles: Rectangle[];
}

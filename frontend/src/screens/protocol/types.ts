import type { Point, ShapeKind } from "../../viewer";

export type ItemKind = Exclude<ShapeKind, "edge"> | "ratio";

export interface Item {
  key: string;
  name: string;
  kind: ItemKind;
  over: string[];
  under: string[];
}

export interface Round {
  reader: number;
  name: string;
  pass: number;
  done: number;
}

export interface Protocol {
  id: string;
  name: string;
  created: string;
  set: string;
  set_name: string;
  rows: number[];
  items: Item[];
  blinded: boolean;
  readers: string[];
  passes: number;
  rounds: Round[];
}

export interface Reading {
  shapes: Record<string, { points: Point[]; plane?: number }>;
  values: Record<string, Record<string, number | null>>;
  note: string;
}

export interface ReadingImage {
  row: number;
  address: string;
  label: string | null;
  reading: Reading | null;
}

export const DRAWN: ItemKind[] = ["line", "angle", "rectangle", "ellipse", "polygon", "point"];

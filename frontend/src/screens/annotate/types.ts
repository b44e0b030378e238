import { PALETTE } from "../../viewer";

export interface Annotation {
  id: string;
  name: string;
  set: string;
  set_name: string;
  kind: "class" | "boxes" | "mask";
  classes: string[];
  done: number;
  rows: number;
}

export interface Mark {
  row: number;
  name: string;
  boxes: [string, [number, number, number, number]][];
  mask: boolean;
}

/** What one image's part of the page tells the page around it. */
export interface PartProps {
  annotation: Annotation;
  row: number;
  mark: Mark | null;
  address: string;
  /** Gives the page a way to store before it goes on. */
  hold: (store: () => Promise<Mark | null>) => void;
  /** Store and go on. */
  next: () => void;
}

/** The colour of a class, in boxes as in masks. */
export const colourOf = (place: number) => PALETTE[place % PALETTE.length]!;

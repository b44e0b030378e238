/** What the viewer shows and what is drawn on it. All coordinates are image pixels: x = column, y = row, the centre of the first pixel is (0, 0). */
import type { Say } from "../shell/language";

/** Across which axis of a volume a plane lies: 0 as stored (planes), 1 one row of every plane, 2 one column of every plane. */
export type Axis = 0 | 1 | 2;
export type Point = [number, number];

export type ShapeKind = "rectangle" | "ellipse" | "polygon" | "line" | "edge" | "angle" | "point";

/**
 * Something drawn on an image. Plain JSON, so it is stored and sent as it is.
 * rectangle, ellipse: two opposite corners of the box. polygon: three or more corners. line, edge: two ends. angle: three points, the middle one is the vertex. point: one.
 */
export interface Shape {
  id: string;
  kind: ShapeKind;
  points: Point[];
  label: string;
  /** The plane it lies on, for volumes; on every plane when missing. */
  plane?: number;
  axis?: Axis;
  /** A CSS colour; the viewer's own when missing. */
  colour?: string;
  /** Shown, but not to be moved. */
  fixed?: boolean;
}

/** How values become grey: a window, or a table of shares 0 to 1 that begins at the value `first`. */
export interface Window {
  centre: number;
  width: number;
  function?: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
  first?: number;
  entries?: number[];
}

export interface Preset extends Window {
  name: Say;
}

/** What the server tells about pixels (`x-gazo-image`). value = slope x code + intercept. */
export interface Header {
  dtype: "u8" | "u16" | "i16" | "f32";
  /** Of the bytes that came: (planes,) rows, columns. */
  shape: number[];
  /** Of the image: planes, rows, columns. */
  full: [number, number, number];
  level: number;
  plane: number | null;
  axis: Axis;
  /** All planes came. */
  whole: boolean;
  slope: number;
  intercept: number;
  /** Code 0 is no number. */
  gaps: boolean;
  /** Codes lead back to the values without rounding. */
  exact: boolean;
  /** Of planes, rows, columns; the first is 0 for a single plane. */
  spacing_mm: [number, number, number] | null;
  windows: Preset[];
  inverted: boolean;
  signed: boolean;
  head_last: boolean;
  colour: boolean;
  meaning: string;
  unit: string;
  modality: string;
  title: Say;
}

/** A label image over the image: 0 is nothing, n takes the n-th colour of the palette. */
export interface MaskLayer {
  kind: "mask";
  /** An image address, or the labels themselves (rows x columns). */
  address?: string;
  labels?: { data: Uint8Array; rows: number; columns: number };
  /** 0 to 1; 0.35 when missing. */
  opacity?: number;
  /** Only the border. */
  outline?: boolean;
  /** CSS hex colours (#rrggbb) of labels 1, 2 ... */
  palette?: string[];
  name?: Say | string;
  hidden?: boolean;
}

/** Values over the image in colours from dark blue to yellow; it may be coarser than the image and is stretched over it. */
export interface HeatLayer {
  kind: "heat";
  address: string;
  opacity?: number;
  /** Share of the range (0 to 1) below which nothing is shown; 0.1 when missing. */
  from?: number;
  /** The values that are darkest and brightest; the whole range of the image when missing. */
  range?: [number, number];
  name?: Say | string;
  hidden?: boolean;
}

export interface BoxesLayer {
  kind: "boxes";
  boxes: { x: number; y: number; width: number; height: number; label?: string; colour?: string }[];
  name?: Say | string;
  hidden?: boolean;
}

export interface PointsLayer {
  kind: "points";
  points: { x: number; y: number; label?: string; colour?: string }[];
  name?: Say | string;
  hidden?: boolean;
}

export type Layer = MaskLayer | HeatLayer | BoxesLayer | PointsLayer;

/** One image among those shown side by side. */
export interface Pane {
  /** An image address such as set:1a2b3c4d:12. */
  address: string;
  /** Written in the corner; the title the server knows when missing. */
  title?: string;
  /** Across which axis a volume is cut; 0 when missing. */
  axis?: Axis;
  layers?: Layer[];
  /** Panes of one group share the window; made of unit and meaning when missing. */
  group?: string;
  /** Change it when the same address shows other pixels than before. */
  version?: string | number;
  /** Pixels that are there already (see `decodePixels`); the address is then only used for exact values. */
  pixels?: import("./pixels").Pixels;
  /** Shown in the corner, such as "preview". */
  badge?: string;
}

export type Tool = "window" | "pan" | "zoom" | "cross" | "select" | "brush" | "eraser" | ShapeKind;

/** Where somebody points. */
export interface Pointed {
  pane: number;
  address: string;
  x: number;
  y: number;
  plane: number;
  axis: Axis;
}

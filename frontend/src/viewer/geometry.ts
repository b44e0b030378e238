/** From the screen to the image and back: centre, zoom, quarter turns, mirror, and pixels that are not square. */
import type { Placing } from "./draw";
import type { Pixels } from "./pixels";
import type { Axis, Pane, Point, Pointed } from "./types";
import { DIMENSIONS, planeOf, with_, type View } from "./view";

/** How an image lies in a pane of some CSS size. `scaleX`, `scaleY`: CSS pixels for one column and one row. */
export interface Layout {
  width: number;
  height: number;
  columns: number;
  rows: number;
  scaleX: number;
  scaleY: number;
  /** CSS pixels a mm (or a pixel) in this pane, and how many times more than in the first pane. */
  zoom: number;
  share: number;
  middle: Point;
  turn: 0 | 1 | 2 | 3;
  mirrored: boolean;
  flipped: boolean;
}

/** Sections across a volume whose planes rise to the head are drawn upside down, so the head is at the top. */
const isFlipped = (pixels: Pixels, axis: Axis) => axis !== 0 && pixels.header.head_last;

/** Width and height of the planes that a pane and its fellows show of one image, in mm (or pixels). */
export interface Extent {
  wide: number;
  high: number;
}

/** The largest extent of some planes, so that sections of one volume are fitted at one scale. */
export function extentOf(pixels: Pixels, axes: Axis[]): Extent {
  const sizes = axes.map((axis) => ({ ...pixels.size(axis), ...pixels.pitch(axis) }));
  return { wide: Math.max(...sizes.map((one) => one.columns * one.x)), high: Math.max(...sizes.map((one) => one.rows * one.y)) };
}

export function layoutOf(view: View, pixels: Pixels, axis: Axis, width: number, height: number, reference: Pixels, extent: Extent): Layout {
  const { rows, columns } = pixels.size(axis);
  const pitch = pixels.pitch(axis);
  const { wide, high } = extent;
  const share = pitch.known === reference.pitch(0).known && (pitch.known || pixels === reference) ? 1 : widthOf(reference) / widthOf(pixels);
  const turned = view.turn % 2 === 1;
  const fit = Math.min(width / (turned ? high : wide), height / (turned ? wide : high)) * 0.98;
  const zoom = view.zoom ? view.zoom * share : fit;
  const [dimX, dimY] = DIMENSIONS[axis];
  const middle: Point = view.zoom ? [view.centre[dimX] * columns - 0.5, view.centre[dimY] * rows - 0.5] : [(columns - 1) / 2, (rows - 1) / 2];
  return { width, height, columns, rows, scaleX: zoom * pitch.x, scaleY: zoom * pitch.y, zoom, share, middle, turn: view.turn, mirrored: view.mirrored, flipped: isFlipped(pixels, axis) };
}

const widthOf = (pixels: Pixels) => pixels.size(0).columns * pixels.pitch(0).x;

/** Steps in image pixels (dx, dy) as steps on the screen. */
function forward(layout: Layout, [x, y]: Point): Point {
  let [across, down] = [x * layout.scaleX, y * layout.scaleY * (layout.flipped ? -1 : 1)];
  for (let i = 0; i < layout.turn; i++) [across, down] = [-down, across];
  return [layout.mirrored ? -across : across, down];
}

function backward(layout: Layout, [across, down]: Point): Point {
  let [x, y] = [layout.mirrored ? -across : across, down];
  for (let i = 0; i < layout.turn; i++) [x, y] = [y, -x];
  return [x / layout.scaleX, (y / layout.scaleY) * (layout.flipped ? -1 : 1)];
}

/** CSS pixels of the pane for an image place. */
export function toScreen(layout: Layout, [x, y]: Point): Point {
  const [across, down] = forward(layout, [x - layout.middle[0], y - layout.middle[1]]);
  return [layout.width / 2 + across, layout.height / 2 + down];
}

/** The image place under CSS pixels of the pane. */
export function toImage(layout: Layout, [left, top]: Point): Point {
  const [x, y] = backward(layout, [left - layout.width / 2, top - layout.height / 2]);
  return [layout.middle[0] + x, layout.middle[1] + y];
}

/** The same for a canvas of `ratio` device pixels for a CSS pixel; `grid` is the size of a coarser image stretched over this one. */
export function placingOf(layout: Layout, ratio: number, grid?: { rows: number; columns: number }): Placing {
  const half = 0.5 / ratio;
  const start = toImage(layout, [half, half]);
  const right = toImage(layout, [half + 1 / ratio, half]);
  const below = toImage(layout, [half, half + 1 / ratio]);
  const stretchX = grid ? grid.columns / layout.columns : 1;
  const stretchY = grid ? grid.rows / layout.rows : 1;
  const x = (at: number) => (at + 0.5) * stretchX - 0.5;
  const y = (at: number) => (at + 0.5) * stretchY - 0.5;
  if (layout.turn % 2 === 0) return { x0: x(start[0]), dx: (right[0] - start[0]) * stretchX, y0: y(start[1]), dy: (below[1] - start[1]) * stretchY, swap: false };
  return { x0: y(start[1]), dx: (right[1] - start[1]) * stretchY, y0: x(start[0]), dy: (below[0] - start[0]) * stretchX, swap: true };
}

/** The view zoomed by a factor so that what lies under a place of the pane stays there. */
export function zoomedAt(view: View, layout: Layout, axis: Axis, factor: number, [left, top]: Point): Partial<View> {
  const zoom = Math.min(200, Math.max(1e-3, layout.zoom * factor));
  const held = toImage(layout, [left, top]);
  const real = zoom / layout.zoom;
  const then = { ...layout, zoom, scaleX: layout.scaleX * real, scaleY: layout.scaleY * real };
  const moved = toImage(then, [left, top]);
  return { ...centredOn(view, layout, axis, [layout.middle[0] + held[0] - moved[0], layout.middle[1] + held[1] - moved[1]]), zoom: zoom / layout.share };
}

/** The view moved by CSS pixels of the pane. */
export function movedBy(view: View, layout: Layout, axis: Axis, across: number, down: number): Partial<View> {
  const [x, y] = toImage(layout, [layout.width / 2 - across, layout.height / 2 - down]);
  return { ...centredOn(view, layout, axis, [x, y]), zoom: layout.zoom / layout.share };
}

export function centredOn(view: View, layout: Layout, axis: Axis, [x, y]: Point): Partial<View> {
  const [dimX, dimY] = DIMENSIONS[axis];
  return { centre: with_(view.centre, { [dimX]: (x + 0.5) / layout.columns, [dimY]: (y + 0.5) / layout.rows }) };
}

/** The view with its cursor at an image place. */
export function cursorAt(view: View, layout: Layout, axis: Axis, [x, y]: Point): Partial<View> {
  const [dimX, dimY] = DIMENSIONS[axis];
  const inside = (share: number) => Math.min(1 - 1e-9, Math.max(0, share));
  return { at: with_(view.at, { [dimX]: inside((x + 0.5) / layout.columns), [dimY]: inside((y + 0.5) / layout.rows) }) };
}

/** The image place of the cursor in a plane. */
export function cursorIn(view: View, layout: Layout, axis: Axis): Point {
  const [dimX, dimY] = DIMENSIONS[axis];
  return [view.at[dimX] * layout.columns - 0.5, view.at[dimY] * layout.rows - 0.5];
}

/** Where the cursor is, as if somebody pointed there. */
export function cursorPointed(view: View, layout: Layout, pixels: Pixels, pane: Pane, index: number): Pointed {
  const axis = pane.axis ?? 0;
  const [x, y] = cursorIn(view, layout, axis);
  return { pane: index, address: pane.address, x, y, plane: planeOf(view, pixels, axis), axis };
}

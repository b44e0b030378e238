/** What linked panes share: centre, magnification, plane, window. A small store, so that a drag redraws canvases and not the page. */
import { useSyncExternalStore } from "react";

import type { Pixels } from "./pixels";
import type { Axis, Window } from "./types";

/** A place in an image or volume as shares (0 to 1) of columns, rows and planes. */
export type Place = readonly [number, number, number];

export interface View {
  /** What lies in the middle of the panes. */
  centre: Place;
  /** Where the cursor is: it chooses the planes of a volume. */
  at: Place;
  /** CSS pixels of the screen for a mm (for a pixel where the spacing is not known) of the first pane; 0 fits the image. */
  zoom: number;
  /** Windows by group of panes; what is missing begins with the first one the image offers. */
  windows: Readonly<Record<string, Window>>;
  inverted: boolean;
  /** Quarter turns clockwise. */
  turn: 0 | 1 | 2 | 3;
  mirrored: boolean;
  smooth: boolean;
  /** Whether the cursor is shown. */
  cursor: boolean;
}

const BEGIN: View = { centre: [0.5, 0.5, 0.5], at: [0.5, 0.5, 0.5], zoom: 0, windows: {}, inverted: false, turn: 0, mirrored: false, smooth: true, cursor: false };

export class ViewModel {
  private listeners = new Set<() => void>();

  constructor(private view: View = BEGIN) {}

  get = (): View => this.view;

  set(changes: Partial<View>): void {
    this.view = { ...this.view, ...changes };
    this.listeners.forEach((listener) => listener());
  }

  setWindow(group: string, window: Window): void {
    this.set({ windows: { ...this.view.windows, [group]: window } });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  clone(): ViewModel {
    return new ViewModel(this.view);
  }
}

/** The view as state of a component: it is drawn again whenever the view changes. */
export function useView(model: ViewModel): View {
  return useSyncExternalStore(model.subscribe, model.get);
}

/** Which of columns, rows, planes run along x and y of a plane, and which across it. */
export const DIMENSIONS: Record<Axis, [x: 0 | 1, y: 1 | 2, across: 0 | 1 | 2]> = { 0: [0, 1, 2], 1: [0, 2, 1], 2: [1, 2, 0] };

export function with_(place: Place, changes: Partial<Record<0 | 1 | 2, number>>): Place {
  return [changes[0] ?? place[0], changes[1] ?? place[1], changes[2] ?? place[2]];
}

/** Whether two views place layers, shapes and cursor alike. */
export function sameMarks(a: View, b: View): boolean {
  return a.centre === b.centre && a.at === b.at && a.zoom === b.zoom && a.turn === b.turn && a.mirrored === b.mirrored && a.cursor === b.cursor;
}

/** Number of the plane a view shows of an image. */
export function planeOf(view: View, pixels: Pixels, axis: Axis): number {
  const { planes } = pixels.size(axis);
  return Math.min(planes - 1, Math.max(0, Math.floor(view.at[DIMENSIONS[axis][2]] * planes)));
}

/** The view with another plane in front. */
export function atPlane(view: View, pixels: Pixels, axis: Axis, plane: number): Partial<View> {
  const { planes } = pixels.size(axis);
  const kept = Math.min(planes - 1, Math.max(0, plane));
  return { at: with_(view.at, { [DIMENSIONS[axis][2]]: (kept + 0.5) / planes }) };
}

/** The window of a pane: the chosen one of its group, else the one its image begins with. */
export function windowOf(view: View, group: string, pixels: Pixels): Window {
  return view.windows[group] ?? pixels.header.windows[0] ?? { centre: 127.5, width: 255 };
}

/** Panes whose values mean the same share a window; a difference has its own. */
export function groupOf(pixels: Pixels): string {
  const { signed, unit, meaning, colour } = pixels.header;
  return [signed ? "signed" : "", unit, meaning === "display" || meaning === "mask" ? meaning : "", colour ? "colour" : ""].join("|");
}

/** Labels painted with a brush, with undo and redo. */
import { useCallback, useMemo, useRef, useState } from "react";

import type { Point } from "./types";

export interface MaskHandle {
  /** One label a pixel, row by row; painted in place. */
  data: Uint8Array;
  rows: number;
  columns: number;
  /** The label the brush paints. */
  label: number;
  setLabel: (label: number) => void;
  /** Radius of the brush in image pixels. */
  radius: number;
  setRadius: (radius: number) => void;
  /** Paint from one place to the next; `begin` opens a step to undo. */
  stroke: (from: Point, to: Point, erase: boolean, begin: boolean) => void;
  /** Give every pixel inside a polygon or box the label. */
  fill: (inside: (x: number, y: number) => boolean, erase?: boolean) => void;
  /** Begin anew with these labels (all 0 when missing) and an empty history. */
  reset: (data?: Uint8Array) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  /** Rises with every change of the labels. */
  version: number;
}

/** Pixels that changed in one step, and what they were before. */
interface Step {
  at: number[];
  before: number[];
}

const MOST = 100;

/** `onChange` hears of every finished step. */
export function useMask({ rows, columns, initial, onChange }: { rows: number; columns: number; initial?: Uint8Array; onChange?: (data: Uint8Array) => void }): MaskHandle {
  const data = useRef<Uint8Array>(null!);
  if (!data.current || data.current.length !== rows * columns) data.current = initial?.slice() ?? new Uint8Array(rows * columns);
  const past = useRef<Step[]>([]);
  const future = useRef<Step[]>([]);
  const told = useRef(onChange);
  told.current = onChange;
  const [label, setLabel] = useState(1);
  const [radius, setRadius] = useState(8);
  const [version, setVersion] = useState(0);
  const changed = useCallback(() => {
    setVersion((n) => n + 1);
    told.current?.(data.current);
  }, []);
  const put = useCallback((step: Step, index: number, value: number) => {
    const before = data.current[index];
    if (before === value) return;
    step.at.push(index);
    step.before.push(before);
    data.current[index] = value;
  }, []);
  const opened = useCallback((begin: boolean): Step => {
    if (begin || !past.current.length) {
      past.current = [...past.current.slice(-MOST), { at: [], before: [] }];
      future.current = [];
    }
    return past.current[past.current.length - 1];
  }, []);
  const swap = useCallback((from: Step[], to: Step[]) => {
    const step = from.pop();
    if (!step) return;
    const now: Step = { at: [...step.at].reverse(), before: [] };
    for (let i = step.at.length - 1; i >= 0; i--) {
      now.before.push(data.current[step.at[i]]);
      data.current[step.at[i]] = step.before[i];
    }
    to.push(now);
    changed();
  }, [changed]);
  const actions = useMemo(
    () => ({
      reset: (next?: Uint8Array) => {
        data.current = next?.slice() ?? new Uint8Array(rows * columns);
        past.current = [];
        future.current = [];
        setVersion((n) => n + 1);
      },
      undo: () => swap(past.current, future.current),
      redo: () => swap(future.current, past.current),
    }),
    [rows, columns, swap],
  );
  return useMemo(
    () => ({
      ...actions,
      data: data.current,
      rows,
      columns,
      label,
      setLabel,
      radius,
      setRadius,
      stroke: (from, to, erase, begin) => {
        const step = opened(begin);
        alongLine(from, to, radius, rows, columns, (index) => put(step, index, erase ? 0 : label));
        changed();
      },
      fill: (inside, erase = false) => {
        const step = opened(true);
        for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) if (inside(x, y)) put(step, y * columns + x, erase ? 0 : label);
        changed();
      },
      canUndo: past.current.length > 0,
      canRedo: future.current.length > 0,
      version,
    }),
    [actions, rows, columns, label, radius, version, opened, put, changed],
  );
}

/** Every pixel whose centre is nearer than `radius` to the line between two places. */
function alongLine([x0, y0]: Point, [x1, y1]: Point, radius: number, rows: number, columns: number, visit: (index: number) => void): void {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const long = dx * dx + dy * dy;
  const [top, bottom] = [Math.max(0, Math.ceil(Math.min(y0, y1) - radius)), Math.min(rows - 1, Math.floor(Math.max(y0, y1) + radius))];
  const [left, right] = [Math.max(0, Math.ceil(Math.min(x0, x1) - radius)), Math.min(columns - 1, Math.floor(Math.max(x0, x1) + radius))];
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const share = long ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / long)) : 0;
      if ((x - x0 - share * dx) ** 2 + (y - y0 - share * dy) ** 2 <= radius * radius) visit(y * columns + x);
    }
}

/** Shapes with undo and redo, kept by whoever shows the viewer. */
import { useCallback, useMemo, useRef, useState } from "react";

import type { Shape } from "./types";

export interface ShapesHandle {
  shapes: Shape[];
  /** Id of the chosen shape. */
  chosen: string | null;
  choose: (id: string | null) => void;
  add: (shape: Shape) => void;
  /** Put a shape in the place of the one with its id. */
  change: (shape: Shape) => void;
  remove: (id: string) => void;
  /** Begin anew with these shapes and an empty history, as for another image. `onChange` is not told. */
  reset: (shapes: Shape[]) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}

interface History {
  past: Shape[][];
  now: Shape[];
  future: Shape[][];
}

const MOST = 200;

/** `onChange` hears of every change, undo and redo included. The functions of the handle stay the same objects. */
export function useShapes(initial: Shape[] = [], onChange?: (shapes: Shape[]) => void): ShapesHandle {
  const [history, show] = useState<History>({ past: [], now: initial, future: [] });
  const [chosen, choose] = useState<string | null>(null);
  const current = useRef(history);
  const told = useRef(onChange);
  told.current = onChange;
  const put = useCallback((next: History, tell = true) => {
    current.current = next;
    show(next);
    if (tell) told.current?.(next.now);
  }, []);
  const actions = useMemo(() => {
    const commit = (now: Shape[]) => put({ past: [...current.current.past.slice(-MOST), current.current.now], now, future: [] });
    return {
      choose,
      add: (shape: Shape) => {
        commit([...current.current.now, shape]);
        choose(shape.id);
      },
      change: (shape: Shape) => commit(current.current.now.map((one) => (one.id === shape.id ? shape : one))),
      remove: (id: string) => {
        commit(current.current.now.filter((one) => one.id !== id));
        choose(null);
      },
      reset: (shapes: Shape[]) => {
        put({ past: [], now: shapes, future: [] }, false);
        choose(null);
      },
      undo: () => {
        const { past, now, future } = current.current;
        if (past.length) put({ past: past.slice(0, -1), now: past[past.length - 1], future: [now, ...future] });
      },
      redo: () => {
        const { past, now, future } = current.current;
        if (future.length) put({ past: [...past, now], now: future[0], future: future.slice(1) });
      },
    };
  }, [put]);
  return useMemo(() => ({ ...actions, shapes: history.now, chosen, canUndo: history.past.length > 0, canRedo: history.future.length > 0 }), [actions, history, chosen]);
}

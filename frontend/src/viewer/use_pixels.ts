/** The pixels of a pane; while others are on their way the last ones stay on the screen. */
import { useEffect, useRef, useState } from "react";

import { storedPixels, type Pixels, type Plane } from "./pixels";
import type { Axis, Pane } from "./types";

export interface PixelsState {
  pixels: Pixels | null;
  error: unknown;
  loading: boolean;
}

const NOTHING: PixelsState = { pixels: null, error: null, loading: true };

/** The pixels of every pane, in their order. */
export function useAllPixels(panes: Pane[]): PixelsState[] {
  const [states, set] = useState<PixelsState[]>([]);
  const wanted = useRef<string[]>([]);
  useEffect(() => {
    const put = (i: number, name: string, state: Partial<PixelsState>) =>
      set((old) => (wanted.current[i] === name ? panes.map((_, k) => (k === i ? { ...(old[k] ?? NOTHING), ...state } : (old[k] ?? NOTHING))) : old));
    wanted.current.length = panes.length;
    panes.forEach((pane, i) => {
      const name = `${pane.address}#${pane.version ?? ""}`;
      if (pane.pixels || wanted.current[i] === name) return;
      wanted.current[i] = name;
      put(i, name, { error: null, loading: true });
      storedPixels(pane.address, pane.version).then(
        (pixels) => put(i, name, { pixels, error: null, loading: false }),
        (error: unknown) => put(i, name, { pixels: null, error, loading: false }),
      );
    });
  }, [panes]);
  return panes.map((pane, i) => (pane.pixels ? { pixels: pane.pixels, error: null, loading: false } : (states[i] ?? NOTHING)));
}

/** Ask for a plane that is not here and call `then` when it is. */
export function planeNow(pixels: Pixels, axis: Axis, n: number, then: () => void): Plane | undefined {
  const here = pixels.plane(axis, n);
  if (!here) pixels.need(axis, n).then(then, () => undefined);
  return here;
}

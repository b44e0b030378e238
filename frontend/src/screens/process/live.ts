/** The processed image while the hand moves: the level in view at once, full resolution when the hand rests. */
import { useEffect, useRef, useState } from "react";

import { raw } from "../../shell/api";
import type { Say } from "../../shell/language";
import { decodePixels, type Pixels } from "../../viewer";
import type { StepSent } from "./chain";

export interface Told {
  superseded: boolean;
  token: string;
  address: string;
  difference: string | null;
  maps: { name: string; address: string }[];
  numbers: Record<string, number | null>;
  warnings: Say[];
  level: number;
  shape: number[];
  full: number[];
  unit: string;
  seconds: number;
}

export interface Wanted {
  address: string;
  steps: StepSent[];
  others: Record<string, string>;
  spacing_mm: number | null;
  plane: number;
}

export interface LiveState {
  pixels: Pixels | null;
  told: Told | null;
  error: unknown;
  busy: boolean;
}

const IDLE_MS = 200;
const NOTHING: LiveState = { pixels: null, told: null, error: null, busy: false };

/** `level` is that of the view, `dragging` whether the hand still moves; `wanted` null asks for nothing. */
export function useLive(wanted: Wanted | null, level: () => number, dragging: boolean): LiveState {
  const [state, set] = useState<LiveState>(NOTHING);
  const asked = useRef(0);
  const shown = useRef(0);
  const view = useRef(`view-${Math.random().toString(36).slice(2)}`);
  const timer = useRef(0);
  const now = useRef(level);
  now.current = level;
  const text = wanted === null ? null : JSON.stringify(wanted);
  const done = useRef("");

  useEffect(() => {
    window.clearTimeout(timer.current);
    if (text === null) {
      shown.current = ++asked.current;
      done.current = "";
      set(NOTHING);
      return;
    }
    const ask = async (at: number) => {
      const number = ++asked.current;
      set((old) => ({ ...old, busy: true }));
      try {
        const { bytes, headers } = await raw("/api/live/pixels", undefined, { ...(JSON.parse(text) as Wanted), level: at, view: view.current, number });
        const told = JSON.parse(headers.get("x-gazo-live") ?? "{}") as Told;
        if (told.superseded || number < shown.current) return;
        shown.current = number;
        done.current = `${at}/${text}`;
        set({ pixels: decodePixels(bytes, headers, told.address), told, error: null, busy: number < asked.current });
      } catch (error) {
        if (number >= shown.current) set((old) => ({ ...old, error, busy: number < asked.current }));
      }
    };
    const small = dragging ? now.current() : 0;
    if (done.current !== `0/${text}` && done.current !== `${small}/${text}`) void ask(small);
    if (small > 0) timer.current = window.setTimeout(() => void ask(0), IDLE_MS);
  }, [text, dragging]);

  useEffect(() => () => window.clearTimeout(timer.current), []);
  return state;
}

/** The difference or a map of a result; the last one stays until the next has come. */
export function usePart(told: Told | null, name: string | null): { pixels: Pixels | null; error: unknown } {
  const [state, set] = useState<{ pixels: Pixels | null; error: unknown }>({ pixels: null, error: null });
  const token = told?.token ?? null;
  useEffect(() => {
    if (token === null || name === null) {
      set({ pixels: null, error: null });
      return undefined;
    }
    let wanted = true;
    const query = new URLSearchParams({ token, name });
    const ask = () =>
      raw(`/api/live/part?${query}`).then(
        ({ bytes, headers }) => wanted && set({ pixels: decodePixels(bytes, headers, `live:${token}:${name}`), error: null }),
        (error: unknown) => wanted && set((old) => ({ ...old, error })),
      );
    // The processed image is drawn first; what stands beside it must not keep it waiting.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => wanted && void ask()));
    return () => {
      wanted = false;
      cancelAnimationFrame(frame);
    };
  }, [token, name]);
  return state;
}

/** A slider's positions and the values they stand for: even steps, or equal ratios where the range spans decades. */
import type { Option } from "./types";

export interface Scale {
  steps: number;
  value: (position: number) => number;
  position: (value: number) => number;
}

const DECADES = 100; // a range whose ends differ by more is walked in equal ratios
const POSITIONS = 200;

/** The scale of a number option; null where no range is known, so that only a box makes sense. `range` serves options without limits. */
export function scaleOf(option: Option, range?: [number, number]): Scale | null {
  const { gt, ge, lt, le } = option.limits;
  const start = typeof option.default === "number" ? option.default : null;
  const low = ge ?? gt ?? range?.[0];
  const high = le ?? lt ?? range?.[1] ?? (gt === 0 && start !== null && start > 0 ? start * 100 : undefined);
  if (low === undefined || high === undefined || !(high > low)) return null;
  const whole = option.type === "int";
  const floor = low > 0 ? low : whole ? 1 : smallest(high, start);
  if (low >= 0 && (gt === 0 || low > 0) && high / floor > DECADES) return ratios(floor, high, whole);
  return even(gt !== undefined && !whole ? low + stepOf(low, high) : whole && gt !== undefined ? low + 1 : low, lt !== undefined && whole ? high - 1 : high, whole);
}

function smallest(high: number, start: number | null): number {
  return start !== null && start > 0 ? Math.min(start / 20, high / DECADES) : high / (DECADES * 10);
}

function stepOf(low: number, high: number): number {
  const rough = (high - low) / POSITIONS;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= rough * 0.999) ?? rough;
}

function even(low: number, high: number, whole: boolean): Scale {
  const step = whole ? Math.max(1, Math.ceil((high - low) / 1000)) : stepOf(low, high);
  const steps = Math.max(1, Math.round((high - low) / step));
  return {
    steps,
    value: (position) => Math.min(high, Number((low + position * step).toPrecision(10))),
    position: (value) => clamp(Math.round((value - low) / step), steps),
  };
}

function ratios(low: number, high: number, whole: boolean): Scale {
  const span = Math.log(high / low);
  const round = (value: number) => (whole ? Math.round(value) : Number(value.toPrecision(3)));
  return {
    steps: POSITIONS,
    value: (position) => (position >= POSITIONS ? high : position <= 0 ? round(low) : round(low * Math.exp((span * position) / POSITIONS))),
    position: (value) => clamp(Math.round((Math.log(Math.max(value, low) / low) / span) * POSITIONS), POSITIONS),
  };
}

const clamp = (position: number, steps: number) => Math.max(0, Math.min(steps, position));

/** The next position whose value differs, so that a key press always changes something (whole numbers repeat on a scale of ratios). */
export function stepped(scale: Scale, from: number, to: number): number {
  const way = Math.sign(to - from);
  let position = to;
  while (way !== 0 && scale.value(position) === scale.value(from) && position > 0 && position < scale.steps) position += way;
  return position;
}

/** A chain of operations as it is put together: its steps, its way into the address, and undo. */
import { useCallback, useReducer } from "react";

import { wrong, type Entry, type OneInput, type Values } from "../../form";

export interface Step {
  /** Stays the same while the step moves. */
  key: string;
  operation: string;
  options: Values;
  off: boolean;
}

export interface StepSent {
  operation: string;
  options: Values;
}

let made = 0;
export const newStep = (operation: string, options: Values = {}, off = false): Step => ({ key: `step-${++made}`, operation, options, off });

/** The steps as every door takes them; those that are switched off are left out. */
export const sent = (steps: Step[]): StepSent[] => steps.filter((step) => !step.off).map(({ operation, options }) => ({ operation, options }));

/** What a chain needs besides the image: the further inputs of its steps by name. */
export function othersOf(steps: Step[], find: (operation: string) => Entry | undefined): OneInput[] {
  const found = new Map<string, OneInput>();
  for (const step of steps) if (!step.off) find(step.operation)?.inputs.slice(1).forEach((one) => found.set(one.name, one));
  return [...found.values()];
}

/** Whether the server can be asked: every option has a value it may have, and what is needed was given. */
export function ready(steps: Step[], others: Record<string, string[]>, find: (operation: string) => Entry | undefined): boolean {
  const on = steps.filter((step) => !step.off);
  const fine = on.every((step) => {
    const entry = find(step.operation);
    return entry !== undefined && wrong(entry.options, step.options).length === 0;
  });
  return fine && othersOf(steps, find).every((one) => !one.required || (others[one.name]?.length ?? 0) > 0);
}

type Written = [string, Values, number];

export function written(steps: Step[]): string {
  return steps.length ? JSON.stringify(steps.map(({ operation, options, off }): Written => [operation, options, off ? 1 : 0])) : "";
}

/** The steps in an address; anything else gives none. */
export function read(text: string | null): Step[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.filter((one): one is Written => Array.isArray(one) && typeof one[0] === "string").map(([operation, options, off]) => newStep(operation, options ?? {}, off === 1));
  } catch {
    return [];
  }
}

interface Past {
  before: Step[][];
  now: Step[];
  after: Step[][];
  /** What the hand is moving; it becomes a state of its own when let go. */
  held: Step[] | null;
}

type Act = { to: "set"; steps: Step[] } | { to: "drag"; steps: Step[] } | { to: "undo" } | { to: "redo" };

const DEPTH = 100;

function reduced(past: Past, act: Act): Past {
  if (act.to === "drag") return { ...past, held: past.held ?? past.now, now: act.steps };
  if (act.to === "set") {
    const from = past.held ?? past.now;
    if (written(from) === written(act.steps)) return { ...past, now: act.steps, held: null };
    return { before: [...past.before, from].slice(-DEPTH), now: act.steps, after: [], held: null };
  }
  const [source, other] = act.to === "undo" ? [past.before, past.after] : [past.after, past.before];
  const next = source[source.length - 1];
  if (!next) return past;
  const [left, kept] = [source.slice(0, -1), [...other, past.now]];
  return act.to === "undo" ? { before: left, now: next, after: kept, held: null } : { before: kept, now: next, after: left, held: null };
}

export function useChain(first: Step[]) {
  const [past, act] = useReducer(reduced, { before: [], now: first, after: [], held: null });
  const set = useCallback((steps: Step[], dragging = false) => act({ to: dragging ? "drag" : "set", steps }), []);
  return {
    steps: past.now,
    dragging: past.held !== null,
    set,
    undo: () => act({ to: "undo" }),
    redo: () => act({ to: "redo" }),
    canUndo: past.before.length > 0,
    canRedo: past.after.length > 0,
  };
}

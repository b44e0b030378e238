/** How the list of runs is arranged: which columns, which rows, in which order. */
import type { Run } from "./types";

export const COLUMNS = ["state", "task", "data", "best", "last", "result", "started", "seconds", "note"] as const;
export type Column = (typeof COLUMNS)[number];

const KEPT = "gazo-runs-columns";
const FIRST: Column[] = ["state", "task", "data", "best", "last", "result", "started", "seconds"];

export function keptColumns(): Column[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as unknown;
    return Array.isArray(kept) ? COLUMNS.filter((column) => kept.includes(column)) : FIRST;
  } catch {
    return FIRST;
  }
}

export const keepColumns = (columns: Column[]) => localStorage.setItem(KEPT, JSON.stringify(columns));

/** The rows that fit what stands in the address, in the order that stands there; the newest first without one. */
export function arranged(runs: Run[], query: URLSearchParams): Run[] {
  const find = (query.get("find") ?? "").normalize("NFKC").toLowerCase();
  const state = query.get("state");
  const task = query.get("task");
  const fitting = runs.filter((run) => {
    const words = `${run.name} ${run.note} ${run.data} ${run.title.ja} ${run.title.en}`.normalize("NFKC").toLowerCase();
    return words.includes(find) && (!state || run.state === state) && (!task || run.task === task) && (!run.archived || query.get("archived") === "1");
  });
  const by = query.get("by");
  if (!by) return fitting;
  const falling = query.get("falling") === "1" ? -1 : 1;
  const known = fitting.filter((run) => key(run, by) !== null);
  known.sort((a, b) => falling * compared(key(a, by)!, key(b, by)!));
  return [...known, ...fitting.filter((run) => key(run, by) === null)];
}

function key(run: Run, by: string): string | number | null {
  const watched = run.values.find((value) => value.name === "validation_loss") ?? run.values[0];
  const keys: Record<string, string | number | null> = {
    name: run.name, state: run.state, task: run.title.en, data: run.data, started: run.started, seconds: run.seconds, note: run.note,
    best: watched?.best ?? null, last: watched?.last ?? null, result: run.headline[0]?.value ?? null,
  };
  return keys[by] ?? null;
}

const compared = (a: string | number, b: string | number) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));

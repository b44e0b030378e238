/** From events to curves: one row an epoch for each network and fold. */
import type { Line } from "../../parts/chart";
import type { RunEvent } from "./types";

export type Row = Record<string, number>;

export interface Series {
  network: string;
  fold: number;
  rows: Row[];
}

const OUTSIDE = ["epoch", "fold", "epochs", "batch", "batches"];

/** The series with more events taken in; epochs that a resumed run went through again replace the old ones. */
export function taken(series: Series[], events: RunEvent[]): Series[] {
  const found = new Map(series.map((one) => [`${one.network}\n${one.fold}`, { ...one, rows: [...one.rows] }]));
  for (const { facts } of events) {
    if (typeof facts.epoch !== "number" || "batch" in facts) continue;
    const network = String(facts.network ?? "");
    const fold = Number(facts.fold ?? 0);
    const key = `${network}\n${fold}`;
    const own = found.get(key) ?? { network, fold, rows: [] };
    const numbers = Object.entries(facts).filter(([name, value]) => typeof value === "number" && !OUTSIDE.includes(name));
    own.rows = [...own.rows.slice(0, facts.epoch - 1), Object.fromEntries(numbers) as Row];
    found.set(key, own);
  }
  return [...found.values()];
}

/** The names of the measured values, in the order in which they came. */
export const namesOf = (series: Series[]): string[] => [...new Set(series.flatMap((one) => one.rows.flatMap((row) => Object.keys(row))))];

export const networksOf = (series: Series[]): string[] => [...new Set(series.map((one) => one.network))];

/** The mean over folds of a value, epoch after epoch. */
export function mean(series: Series[], name: string): (number | null)[] {
  const length = Math.max(0, ...series.map((one) => one.rows.length));
  return Array.from({ length }, (_, epoch) => {
    const there = series.map((one) => one.rows[epoch]?.[name]).filter((value) => value !== undefined);
    return there.length ? there.reduce((sum, value) => sum + value, 0) / there.length : null;
  });
}

const epochs = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const column = (rows: Row[], name: string) => rows.map((row) => row[name] ?? null);

/** Lines of some values: of each network the mean over its folds, and behind it faintly each fold. */
export function linesOf(series: Series[], names: string[], label: (name: string, network: string) => string): Line[] {
  const networks = networksOf(series);
  return networks.flatMap((network, place) =>
    names.flatMap((name, which) => {
      const own = series.filter((one) => one.network === network && one.rows.some((row) => name in row));
      if (!own.length) return [];
      const alone = names.length > 2 ? which : Number(name.startsWith("validation_")); // training and validation keep their colours
      const shared = { colour: ((networks.length > 1 ? place : alone) % 6) + 1, dashed: name.startsWith("validation_") };
      const folds = own.length > 1 ? own.map((one) => ({ ...shared, name: `${network}/${name}/${one.fold}`, label: "", x: epochs(one.rows.length), y: column(one.rows, name), faint: true })) : [];
      const average = mean(own, name);
      return [...folds, { ...shared, name: `${network}/${name}`, label: label(name, network), x: epochs(average.length), y: average }];
    }),
  );
}

/** Which values belong into one drawing: losses, and everything else that is no learning rate. */
export function grouped(names: string[]): { losses: string[]; others: string[] } {
  const shown = names.filter((name) => name !== "learning_rate");
  return { losses: shown.filter((name) => name.includes("loss")), others: shown.filter((name) => !name.includes("loss")) };
}

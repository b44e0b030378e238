/** Values of options: what was typed becomes a value, and what no option may take is found before the server is asked. */
import type { Limits, Option, Values } from "./types";

export const valueOf = (option: Option, values: Values): unknown => (option.name in values ? values[option.name] : option.default);

export const isDefault = (option: Option, values: Values): boolean =>
  !(option.name in values) || JSON.stringify(values[option.name]) === JSON.stringify(option.default);

/** The options with one changed; one that has its default again is left out. */
export function changed(option: Option, values: Values, value: unknown): Values {
  const { [option.name]: _, ...others } = values;
  const next = { ...others, [option.name]: value };
  return isDefault(option, next) && !option.required ? others : next;
}

/** The number in a text, full-width digits and decimal commas too; null when there is none. */
export function numberIn(text: string): number | null {
  const plain = text.normalize("NFKC").trim().replace(/[−ー–]/g, "-").replace(/^(-?\d+),(\d+)$/, "$1.$2");
  return plain === "" || !Number.isFinite(Number(plain)) ? null : Number(plain);
}

/** What was typed as a value of one kind; the text itself when it is none. */
export function typed(kind: Option["type"], text: string): unknown {
  if (kind !== "int" && kind !== "float") return text;
  return numberIn(text) ?? text;
}

/** Whether an option may take a value. */
export function allowed(option: Option, value: unknown): boolean {
  if (value === null || value === undefined || value === "") return empty(option, value);
  if (!option.many) return one(option, value);
  if (!Array.isArray(value) || (option.length !== null && value.length !== option.length)) return false;
  return value.length > 0 || !option.required ? value.every((item) => one(option, item)) : false;
}

function empty(option: Option, value: unknown): boolean {
  if (value === "" && option.type === "text" && !option.many) return !option.required;
  return option.nullable || (value !== "" && !option.required && option.default === null);
}

function one(option: Option, value: unknown): boolean {
  if (option.type === "bool") return typeof value === "boolean";
  if (option.type === "choice") return option.choices.includes(String(value)) || option.prefixes.some((prefix) => String(value).startsWith(prefix));
  if (option.type === "text") return typeof value === "string";
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return (option.type === "float" || Number.isInteger(value)) && inside(option.limits, value);
}

function inside({ gt, ge, lt, le }: Limits, value: number): boolean {
  return (gt === undefined || value > gt) && (ge === undefined || value >= ge) && (lt === undefined || value < lt) && (le === undefined || value <= le);
}

/** The options whose values are not allowed, or missing though they are needed. */
export const wrong = (options: Option[], values: Values): Option[] => options.filter((option) => !allowed(option, valueOf(option, values)));

/** A number as it stands in a box: no digits that were never there. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(12)));
  return Array.isArray(value) ? value.map(shown).join(", ") : String(value);
}

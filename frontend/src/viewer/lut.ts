/** From codes to colours of the screen: one table of 65,536 (or 256) entries, filled anew when the window moves. */
import type { HeatLayer, Header, Window } from "./types";

const OPAQUE = 0xff000000;

/** Fill `table` (RGBA as little-endian words) so that codes of an image are shown in a window. */
export function fillTable(table: Uint32Array, header: Header, window: Window, inverted: boolean): void {
  const { slope, intercept } = header;
  if (window.entries && window.first !== undefined) return fillFromEntries(table, header, window.entries, window.first, inverted);
  if (window.function === "SIGMOID") return fillEach(table, (code) => 1 / (1 + Math.exp((-4 * (slope * code + intercept - window.centre)) / window.width)), inverted);
  const dicom = window.function === "LINEAR" && window.width > 1;
  const [centre, width] = dicom ? [window.centre - 0.5, window.width - 1] : [window.centre, Math.max(window.width, 1e-12)];
  fillLine(table, (centre - width / 2 - intercept) / slope, (centre + width / 2 - intercept) / slope, inverted);
}

/** Black up to the code `low`, white from `high`, a line between. */
function fillLine(table: Uint32Array, low: number, high: number, inverted: boolean): void {
  const [first, last] = [grey(0, inverted), grey(255, inverted)];
  const begin = Math.min(table.length, Math.max(0, Math.ceil(low)));
  const end = Math.min(table.length, Math.max(begin, Math.ceil(high)));
  table.fill(first, 0, begin);
  table.fill(last, end);
  const scale = 255 / (high - low);
  for (let code = begin; code < end; code++) table[code] = grey(((code - low) * scale + 0.5) | 0, inverted);
}

function fillEach(table: Uint32Array, share: (code: number) => number, inverted: boolean): void {
  for (let code = 0; code < table.length; code++) table[code] = grey(Math.min(255, Math.max(0, Math.round(255 * share(code)))), inverted);
}

function fillFromEntries(table: Uint32Array, { slope, intercept }: Header, entries: number[], first: number, inverted: boolean): void {
  const last = entries.length - 1;
  fillEach(table, (code) => entries[Math.min(last, Math.max(0, Math.round(slope * code + intercept - first)))] ?? 0, inverted);
}

function grey(level: number, inverted: boolean): number {
  const g = inverted ? 255 - level : level;
  return (OPAQUE | (g << 16) | (g << 8) | g) >>> 0;
}

/** Points of the cividis map (Nunez, Anderton & Renslow 2018), readable with any colour vision; rounded and joined by lines. */
const CIVIDIS = [0x00204c, 0x00306f, 0x2b446e, 0x4b566c, 0x636a70, 0x7a7e77, 0x939378, 0xafa975, 0xccc067, 0xe9d94f, 0xffea46];

/** Colours from dark blue to yellow for every code of an image, as RGBA words; what lies below the share `from` (0 to 1) of the range is clear. */
export function heatTable(header: Header, { opacity = 0.5, from = 0.1, range }: HeatLayer): Uint32Array {
  const whole = header.windows[header.windows.length - 1] ?? { centre: 0.5, width: 1 };
  const [low, high] = range ?? [whole.centre - whole.width / 2, whole.centre + whole.width / 2];
  const colours = cividis();
  const table = new Uint32Array(header.dtype === "u8" ? 256 : 65536);
  for (let code = 0; code < table.length; code++) {
    const share = Math.min(1, (header.slope * code + header.intercept - low) / (high - low || 1));
    if (share < from || (header.gaps && code === 0)) continue;
    const alpha = Math.round(255 * opacity * Math.min(1, (share - from) / FADE + 0.05)); // no hard edge where the map begins
    table[code] = ((alpha << 24) | colours[Math.max(0, Math.round(255 * share))]) >>> 0;
  }
  return table;
}

const FADE = 0.15;

function cividis(): Uint32Array {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (CIVIDIS.length - 1);
    const [a, b] = [CIVIDIS[Math.floor(at)], CIVIDIS[Math.min(CIVIDIS.length - 1, Math.floor(at) + 1)]];
    const part = (shift: number) => Math.round(((a >> shift) & 255) * (1 - (at % 1)) + ((b >> shift) & 255) * (at % 1));
    table[i] = (part(0) << 16) | (part(8) << 8) | part(16);
  }
  return table;
}

/** Colours of labels, told apart by colour-blind readers (Okabe & Ito 2008). */
export const PALETTE = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#d55e00", "#cc79a7", "#0072b2", "#999999"];

/** 256 colours of labels as RGBA words; 0 is clear. */
export function labelTable(opacity: number, palette: string[] = PALETTE): Uint32Array {
  const table = new Uint32Array(256);
  const alpha = Math.round(255 * opacity);
  for (let i = 1; i < 256; i++) {
    const colour = parseInt((palette[(i - 1) % palette.length] ?? "#ffffff").slice(1), 16);
    table[i] = ((alpha << 24) | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
  }
  return table;
}

/** Planes onto the screen: where each screen pixel falls in the image, then one pass over the screen. No WebGL. */
import type { Level, Plane } from "./pixels";

/**
 * How the screen lies over a plane. Along the screen's x the image coordinate is `x0 + dx * i`, along y `y0 + dy * j`, in image pixels;
 * with `swap` the screen's x runs along the rows of the image (turned by a quarter).
 */
export interface Placing {
  x0: number;
  dx: number;
  y0: number;
  dy: number;
  swap: boolean;
}

/** For each screen pixel of one axis: offset of the nearer and the next image pixel, and the weight of the next in 1/128. -1 lies outside. */
interface Table {
  near: Int32Array;
  next: Int32Array;
  weight: Uint8Array;
  first: number;
  last: number;
}

function tableOf(length: number, start: number, step: number, count: number, stride: number, smooth: boolean): Table {
  const near = new Int32Array(length);
  const next = new Int32Array(length);
  const weight = new Uint8Array(length);
  let [first, last] = [length, -1];
  for (let i = 0; i < length; i++) {
    const at = start + step * i;
    if (at < -0.5 || at >= count - 0.5) continue;
    if (i < first) first = i;
    last = i;
    const low = smooth ? Math.min(count - 1, Math.max(0, Math.floor(at))) : Math.min(count - 1, Math.max(0, Math.round(at)));
    near[i] = low * stride;
    next[i] = Math.min(count - 1, low + 1) * stride;
    weight[i] = smooth ? Math.min(127, Math.max(0, (at - low) * 128)) : 0;
  }
  return { near, next, weight, first, last };
}

/** Which level of the pyramid fits: a screen pixel then covers about one pixel of it. */
export function levelFor({ dx, dy }: Placing): number {
  const step = Math.min(Math.abs(dx), Math.abs(dy));
  return step <= 1 ? 0 : Math.max(0, Math.round(Math.log2(step)));
}

function tables(level: Level & { level: number }, placing: Placing, width: number, height: number, channels: number, smooth: boolean): [Table, Table] {
  const shrink = 2 ** level.level;
  const begin = (at: number) => (at + 0.5) / shrink - 0.5;
  const [columns, rows] = [level.columns, level.rows];
  const [across, down] = placing.swap ? [rows, columns] : [columns, rows];
  const [strideX, strideY] = placing.swap ? [columns * channels, channels] : [channels, columns * channels];
  return [
    tableOf(width, begin(placing.x0), placing.dx / shrink, across, strideX, smooth),
    tableOf(height, begin(placing.y0), placing.dy / shrink, down, strideY, smooth),
  ];
}

/** Draw a grey plane through a table of colours. Returns the level of the pyramid that was used. */
export function drawGrey(out: Uint32Array, width: number, height: number, plane: Plane, placing: Placing, colours: Uint32Array, smooth: boolean, ground = 0xff000000): number {
  const level = plane.at(levelFor(placing));
  const [xs, ys] = tables(level, placing, width, height, 1, smooth);
  const { codes } = level;
  const { near, next, weight, first, last } = xs;
  for (let y = 0; y < height; y++) {
    const line = y * width;
    if (y < ys.first || y > ys.last || last < 0) {
      out.fill(ground, line, line + width);
      continue;
    }
    out.fill(ground, line, line + first);
    out.fill(ground, line + last + 1, line + width);
    const [upper, lower, down] = [ys.near[y], ys.next[y], ys.weight[y]];
    if (!smooth) {
      for (let x = first; x <= last; x++) out[line + x] = colours[codes[upper + near[x]]];
      continue;
    }
    const up = 128 - down;
    for (let x = first; x <= last; x++) {
      const a = near[x];
      const b = next[x];
      const right = weight[x];
      const left = 128 - right;
      const code = ((codes[upper + a] * left + codes[upper + b] * right) * up + (codes[lower + a] * left + codes[lower + b] * right) * down + 8192) >> 14;
      out[line + x] = colours[code];
    }
  }
  return level.level;
}

/** Draw a plane of red, green and blue, each through the same table. */
export function drawColour(out: Uint32Array, width: number, height: number, plane: Plane, placing: Placing, colours: Uint32Array, smooth: boolean, ground = 0xff000000): number {
  const level = plane.at(levelFor(placing));
  const [xs, ys] = tables(level, placing, width, height, 3, smooth);
  const { codes } = level;
  for (let y = 0; y < height; y++) {
    const line = y * width;
    const inside = y >= ys.first && y <= ys.last;
    for (let x = 0; x < width; x++) {
      if (!inside || x < xs.first || x > xs.last) {
        out[line + x] = ground;
        continue;
      }
      const [a, b, c, d] = [ys.near[y] + xs.near[x], ys.near[y] + xs.next[x], ys.next[y] + xs.near[x], ys.next[y] + xs.next[x]];
      const [right, down] = [xs.weight[x], ys.weight[y]];
      const [left, up] = [128 - right, 128 - down];
      let word = 0xff000000;
      for (let k = 0; k < 3; k++) {
        const code = ((codes[a + k] * left + codes[b + k] * right) * up + (codes[c + k] * left + codes[d + k] * right) * down + 8192) >> 14;
        word |= (colours[code] & 255) << (8 * k);
      }
      out[line + x] = word >>> 0;
    }
  }
  return level.level;
}

/** Draw labels (nearest); with `outline` only where a neighbour on the screen has another label. */
export function drawLabels(out: Uint32Array, width: number, height: number, level: Level, placing: Placing, colours: Uint32Array, outline: boolean): void {
  const [xs, ys] = tables({ ...level, level: 0 }, placing, width, height, 1, false);
  const labels = new Uint8Array(width * height);
  for (let y = ys.first; y <= ys.last; y++) {
    const from = ys.near[y];
    for (let x = xs.first; x <= xs.last; x++) labels[y * width + x] = level.codes[from + xs.near[x]];
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (!label) continue;
    if (outline && labels[i - 1] === label && labels[i + 1] === label && labels[i - width] === label && labels[i + width] === label) continue;
    out[i] = colours[label];
  }
}

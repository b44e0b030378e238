/** Pixels in the browser: codes of 8 or 16 bits with a pyramid of means, cut along any axis. */
import { raw } from "../shell/api";
import type { Axis, Header } from "./types";

export type Codes = Uint8Array | Uint16Array;

/** One level of a plane; colour has three codes a pixel. */
export interface Level {
  codes: Codes;
  rows: number;
  columns: number;
}

/** A plane with means of 2 x 2, 4 x 4 ... pixels, made when they are asked for. `base` tells how often it was halved before it came. */
export class Plane {
  private readonly levels: Level[];

  constructor(
    first: Level,
    readonly channels: 1 | 3,
    readonly base = 0,
  ) {
    this.levels = [first];
  }

  /** The plane halved `level` times, or the finest there is, with its true level. */
  at(level: number): Level & { level: number } {
    const wanted = Math.max(0, level - this.base);
    while (this.levels.length <= wanted) {
      const last = this.levels[this.levels.length - 1];
      if (Math.max(last.rows, last.columns) <= 1) break;
      this.levels.push(halved(last, this.channels));
    }
    const found = Math.min(wanted, this.levels.length - 1);
    return { ...this.levels[found], level: found + this.base };
  }
}

/** Means of 2 x 2 pixels, rounded; at an odd edge of those that are there. */
export function halved({ codes, rows, columns }: Level, channels: number): Level {
  const [height, width] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  const made = codes instanceof Uint8Array ? new Uint8Array(height * width * channels) : new Uint16Array(height * width * channels);
  let out = 0;
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * columns * channels;
    const lower = Math.min(2 * y + 1, rows - 1) * columns * channels;
    for (let x = 0; x < width; x++) {
      const left = 2 * x * channels;
      const right = Math.min(2 * x + 1, columns - 1) * channels;
      for (let c = 0; c < channels; c++) made[out++] = (codes[upper + left + c] + codes[upper + right + c] + codes[lower + left + c] + codes[lower + right + c] + 2) >> 2;
    }
  }
  return { codes: made, rows: height, columns: width };
}

const SLICES = 48;

/** The pixels of an image: whole, or plane by plane where a volume is too large. */
export class Pixels {
  private readonly planes = new Map<string, Plane>();
  private readonly coming = new Map<string, Promise<Plane>>();

  constructor(
    readonly header: Header,
    private readonly codes: Codes,
    readonly address: string,
  ) {
    if (!header.whole) this.planes.set(key(header.axis, header.plane ?? 0), this.single());
  }

  get bytes(): number {
    return this.codes.byteLength;
  }

  get channels(): 1 | 3 {
    return this.header.colour ? 3 : 1;
  }

  /** How many planes there are across an axis, and their rows and columns. */
  size(axis: Axis): { planes: number; rows: number; columns: number } {
    const [planes, rows, columns] = this.header.full;
    if (axis === 0) return { planes, rows, columns };
    return axis === 1 ? { planes: rows, rows: planes, columns } : { planes: columns, rows: planes, columns: rows };
  }

  /** Height and width of a pixel of a plane: mm, or 1 and 1 where that is not known. */
  pitch(axis: Axis): { y: number; x: number; known: boolean } {
    const [planes, rows, columns] = this.header.spacing_mm ?? [1, 1, 1];
    const known = this.header.spacing_mm !== null;
    if (axis === 0) return { y: rows, x: columns, known };
    return { y: planes || 1, x: axis === 1 ? columns : rows, known };
  }

  value(code: number): number {
    return this.header.gaps && code === 0 ? NaN : this.header.slope * code + this.header.intercept;
  }

  /** A plane that is here; undefined when it has to be fetched with `need`. */
  plane(axis: Axis, n: number): Plane | undefined {
    const name = key(axis, n);
    const found = this.planes.get(name);
    if (found || !this.header.whole) return found;
    return this.keep(name, this.cut(axis, n));
  }

  /** A plane, fetched when it is not here. */
  async need(axis: Axis, n: number): Promise<Plane> {
    const here = this.plane(axis, n);
    if (here) return here;
    const name = key(axis, n);
    const under = this.coming.get(name) ?? this.fetched(axis, n).finally(() => this.coming.delete(name));
    this.coming.set(name, under);
    return under;
  }

  private async fetched(axis: Axis, n: number): Promise<Plane> {
    const part = await loadPixels(this.address, { axis, plane: n });
    return this.keep(key(axis, n), part.single());
  }

  private keep(name: string, plane: Plane): Plane {
    if (this.planes.size >= SLICES) this.planes.delete(this.planes.keys().next().value!);
    this.planes.set(name, plane);
    return plane;
  }

  private single(): Plane {
    const [rows, columns] = this.header.shape.slice(-2) as [number, number];
    return new Plane({ codes: this.codes, rows, columns }, this.channels, this.header.level);
  }

  private cut(axis: Axis, n: number): Plane {
    const [planes, rows, columns] = this.header.full;
    if (planes === 1 && axis === 0) return this.single();
    const c = this.channels;
    const row = columns * c;
    if (axis === 0) return new Plane({ codes: this.codes.subarray(n * rows * row, (n + 1) * rows * row), rows, columns }, c);
    const wide = axis === 1 ? columns : rows;
    const made = this.codes instanceof Uint8Array ? new Uint8Array(planes * wide * c) : new Uint16Array(planes * wide * c);
    for (let z = 0; z < planes; z++) {
      const start = z * rows * row;
      if (axis === 1) made.set(this.codes.subarray(start + n * row, start + (n + 1) * row), z * wide * c);
      else for (let y = 0; y < rows; y++) for (let k = 0; k < c; k++) made[(z * wide + y) * c + k] = this.codes[start + y * row + n * c + k];
    }
    return new Plane({ codes: made, rows: planes, columns: wide }, c);
  }
}

const key = (axis: Axis, n: number) => `${axis}/${n}`;

/** Bytes and header of an answer of `/api/images/raw` (or of any route that answers in the same way) as pixels. */
export function decodePixels(bytes: ArrayBuffer, headers: Headers, address: string): Pixels {
  const header = JSON.parse(headers.get("x-gazo-image") ?? "{}") as Header;
  if (header.dtype === "u8") return new Pixels(header, new Uint8Array(bytes), address);
  const codes = new Uint16Array(bytes);
  if (header.dtype === "i16") {
    for (let i = 0; i < codes.length; i++) codes[i] = codes[i] ^ 0x8000;
    header.intercept -= 32768 * header.slope;
  }
  return new Pixels(header, codes, address);
}

export interface Wanted {
  level?: number;
  plane?: number;
  axis?: Axis;
  signal?: AbortSignal;
}

/** Fetch the pixels of an address. */
export async function loadPixels(address: string, { level, plane, axis, signal }: Wanted = {}): Promise<Pixels> {
  const query = new URLSearchParams({ address });
  if (level) query.set("level", String(level));
  if (plane !== undefined) query.set("plane", String(plane));
  if (axis) query.set("axis", String(axis));
  const { bytes, headers } = await raw(`/api/images/raw?${query}`, signal);
  return decodePixels(bytes, headers, address);
}

const LIMIT_BYTES = 400e6;
const store = new Map<string, { pixels: Promise<Pixels>; bytes: number }>();

/** As `loadPixels`, once for each address and version; what was looked at last is kept. */
export function storedPixels(address: string, version: string | number = ""): Promise<Pixels> {
  const name = `${address}#${version}`;
  const found = store.get(name);
  if (found) {
    store.delete(name);
    store.set(name, found);
    return found.pixels;
  }
  const entry = { pixels: loadPixels(address), bytes: 0 };
  store.set(name, entry);
  entry.pixels.then(
    (pixels) => {
      entry.bytes = pixels.bytes;
      let held = [...store.values()].reduce((sum, one) => sum + one.bytes, 0);
      for (const [old, one] of store) {
        if (held <= LIMIT_BYTES || old === name) break;
        held -= one.bytes;
        store.delete(old);
      }
    },
    () => store.delete(name),
  );
  return entry.pixels;
}

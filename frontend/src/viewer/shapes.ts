/** Measures of shapes, and what lies under the pointer. */
import type { Point, Shape, ShapeKind } from "./types";

export const SHAPE_KINDS: ShapeKind[] = ["rectangle", "ellipse", "polygon", "line", "edge", "angle", "point"];
/** How many points finish a shape; a polygon ends when the user says so. */
export const POINTS: Record<ShapeKind, number> = { rectangle: 2, ellipse: 2, polygon: Infinity, line: 2, edge: 2, angle: 3, point: 1 };

export const isArea = (kind: ShapeKind) => kind === "rectangle" || kind === "ellipse" || kind === "polygon";
export const isShapeKind = (tool: string): tool is ShapeKind => (SHAPE_KINDS as string[]).includes(tool);

let count = 0;

/** A new shape with an id of its own. */
export function newShape(kind: ShapeKind, points: Point[], more: Partial<Shape> = {}): Shape {
  count += 1;
  return { id: `${Date.now().toString(36)}${count.toString(36)}`, kind, points, label: "", ...more };
}

/** Whether a shape holds enough to be kept: no area without extent, no line without length. */
export function isWhole(shape: Shape): boolean {
  if (shape.kind === "point") return shape.points.length === 1;
  if (shape.kind === "polygon") return shape.points.length >= 3;
  if (shape.points.length < POINTS[shape.kind]) return false;
  const [[x0, y0], [x1, y1]] = shape.points as [Point, Point];
  if (shape.kind === "rectangle" || shape.kind === "ellipse") return Math.abs(x1 - x0) >= 0.5 && Math.abs(y1 - y0) >= 0.5;
  return Math.hypot(x1 - x0, y1 - y0) >= 0.5;
}

/** Length of a line in mm (or pixels). */
export function lengthOf(points: Point[], pitchX = 1, pitchY = 1): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) sum += Math.hypot((points[i][0] - points[i - 1][0]) * pitchX, (points[i][1] - points[i - 1][1]) * pitchY);
  return sum;
}

/** Angle at the second of three points, in degrees. */
export function angleOf(points: Point[], pitchX = 1, pitchY = 1): number {
  const [a, b, c] = points.map(([x, y]) => [x * pitchX, y * pitchY]);
  const [ux, uy, vx, vy] = [a[0] - b[0], a[1] - b[1], c[0] - b[0], c[1] - b[1]];
  return (Math.atan2(Math.abs(ux * vy - uy * vx), ux * vx + uy * vy) * 180) / Math.PI;
}

/** Area inside the outline of a shape. */
export function areaOf(shape: Shape, pitchX = 1, pitchY = 1): number {
  const points = shape.points;
  if (shape.kind === "rectangle" || shape.kind === "ellipse") {
    const box = Math.abs((points[1][0] - points[0][0]) * (points[1][1] - points[0][1])) * pitchX * pitchY;
    return shape.kind === "ellipse" ? (box * Math.PI) / 4 : box;
  }
  let twice = 0;
  for (let i = 0; i < points.length; i++) {
    const [x0, y0] = points[i];
    const [x1, y1] = points[(i + 1) % points.length];
    twice += x0 * y1 - x1 * y0;
  }
  return (Math.abs(twice) / 2) * pitchX * pitchY;
}

/** The points that can be taken hold of: corners of a box are four, of which the stored points are two. */
export function handlesOf(shape: Shape): Point[] {
  if (shape.kind !== "rectangle" && shape.kind !== "ellipse") return shape.points;
  const [[x0, y0], [x1, y1]] = shape.points as [Point, Point];
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}

/** The shape with one of its handles elsewhere. */
export function withHandle(shape: Shape, handle: number, [x, y]: Point): Shape {
  if (shape.kind !== "rectangle" && shape.kind !== "ellipse") return { ...shape, points: shape.points.map((p, i) => (i === handle ? [x, y] : p)) };
  const opposite = handlesOf(shape)[(handle + 2) % 4];
  return { ...shape, points: [[x, y], opposite] };
}

export function shifted(shape: Shape, dx: number, dy: number): Shape {
  return { ...shape, points: shape.points.map(([x, y]): Point => [x + dx, y + dy]) };
}

/** The outline as points of a closed or open line. */
export function outlineOf(shape: Shape): { points: Point[]; closed: boolean } {
  if (shape.kind === "rectangle") return { points: handlesOf(shape), closed: true };
  if (shape.kind !== "ellipse") return { points: shape.points, closed: shape.kind === "polygon" };
  const [[x0, y0], [x1, y1]] = shape.points as [Point, Point];
  const [cx, cy, rx, ry] = [(x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2];
  const points = Array.from({ length: 64 }, (_, i): Point => [cx + rx * Math.cos((i * Math.PI) / 32), cy + ry * Math.sin((i * Math.PI) / 32)]);
  return { points, closed: true };
}

export interface Hit {
  shape: Shape;
  /** Number of the handle; -1 for the whole shape. */
  handle: number;
}

/** What lies under a place of the screen: handles first, then outlines. `toScreen` places image points. */
export function hitAt(shapes: Shape[], place: Point, toScreen: (point: Point) => Point, reach = 8): Hit | null {
  for (const shape of [...shapes].reverse()) {
    if (shape.fixed) continue;
    const handle = handlesOf(shape).findIndex((point) => near(toScreen(point), place) <= reach);
    if (handle >= 0) return { shape, handle };
  }
  for (const shape of [...shapes].reverse()) {
    const { points, closed } = outlineOf(shape);
    const drawn = points.map(toScreen);
    const ends = closed ? drawn.length : drawn.length - 1;
    for (let i = 0; i < ends; i++) if (toSegment(place, drawn[i], drawn[(i + 1) % drawn.length]) <= reach) return shape.fixed ? null : { shape, handle: -1 };
  }
  return null;
}

const near = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);

function toSegment([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const share = dx || dy ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

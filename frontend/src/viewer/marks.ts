/** Lines over the image: shapes with their measures, boxes, points, the cursor. Drawn with a dark rim, so they show on black and on white. */
import type { Layout } from "./geometry";
import { toScreen } from "./geometry";
import { angleOf, areaOf, handlesOf, isArea, lengthOf, outlineOf } from "./shapes";
import type { BoxesLayer, Point, PointsLayer, Shape } from "./types";

const RIM = "rgb(0 0 0 / 0.75)";
export const SHAPE_COLOUR = "#ffd166";
const CHOSEN_COLOUR = "#5ef0e0";

export interface Pitch {
  x: number;
  y: number;
  known: boolean;
}

export class Marks {
  constructor(
    private readonly to: CanvasRenderingContext2D,
    private readonly layout: Layout,
  ) {
    to.lineJoin = "round";
    to.font = "12px system-ui, sans-serif";
    to.textBaseline = "top";
  }

  shape(shape: Shape, chosen: boolean, pitch: Pitch, open = false): void {
    const colour = chosen ? CHOSEN_COLOUR : (shape.colour ?? SHAPE_COLOUR);
    const { points, closed } = outlineOf(shape);
    const drawn = points.map((point) => toScreen(this.layout, point));
    if (shape.kind === "point") this.cross(drawn[0], 7, colour);
    else this.line(drawn, closed && !open, colour, shape.kind === "edge" ? [6, 3] : []);
    if (chosen) for (const point of handlesOf(shape)) this.handle(toScreen(this.layout, point), colour);
    const words = [shape.label, measureOf(shape, pitch)].filter(Boolean).join("  ");
    if (words && drawn.length) this.words(words, labelPlace(drawn), colour);
  }

  boxes({ boxes }: BoxesLayer): void {
    for (const box of boxes) {
      const corners: Point[] = [[box.x, box.y], [box.x + box.width, box.y], [box.x + box.width, box.y + box.height], [box.x, box.y + box.height]];
      const drawn = corners.map(([x, y]) => toScreen(this.layout, [x - 0.5, y - 0.5]));
      this.line(drawn, true, box.colour ?? "#ff8fa3");
      if (box.label) this.words(box.label, labelPlace(drawn), box.colour ?? "#ff8fa3");
    }
  }

  points({ points }: PointsLayer): void {
    for (const point of points) {
      const place = toScreen(this.layout, [point.x, point.y]);
      this.cross(place, 6, point.colour ?? "#8ecbff");
      if (point.label) this.words(point.label, [place[0] + 8, place[1] + 4], point.colour ?? "#8ecbff");
    }
  }

  /** Lines through the whole pane that leave the middle open. */
  cursor(place: Point): void {
    const [x, y] = toScreen(this.layout, place);
    const { width, height } = this.layout;
    for (const ends of [[[0, y], [x - 10, y]], [[x + 10, y], [width, y]], [[x, 0], [x, y - 10]], [[x, y + 10], [x, height]]] as Point[][]) this.line(ends, false, "#5cc8c0", [], 1);
    this.line([[x - 2, y], [x + 2, y]], false, "#5cc8c0", [], 1);
    this.line([[x, y - 2], [x, y + 2]], false, "#5cc8c0", [], 1);
  }

  circle([x, y]: Point, radius: number, colour: string): void {
    this.to.setLineDash([]);
    for (const [style, width] of [[RIM, 3], [colour, 1.2]] as const) {
      this.to.strokeStyle = style;
      this.to.lineWidth = width;
      this.to.beginPath();
      this.to.arc(x, y, Math.max(1, radius), 0, 2 * Math.PI);
      this.to.stroke();
    }
  }

  private line(points: Point[], closed: boolean, colour: string, dash: number[] = [], width = 1.6): void {
    const path = new Path2D();
    points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (closed) path.closePath();
    this.to.setLineDash([]);
    this.to.strokeStyle = RIM;
    this.to.lineWidth = width + 2;
    this.to.stroke(path);
    this.to.setLineDash(dash);
    this.to.strokeStyle = colour;
    this.to.lineWidth = width;
    this.to.stroke(path);
  }

  private cross([x, y]: Point, reach: number, colour: string): void {
    this.line([[x - reach, y], [x + reach, y]], false, colour);
    this.line([[x, y - reach], [x, y + reach]], false, colour);
  }

  private handle([x, y]: Point, colour: string): void {
    this.to.fillStyle = RIM;
    this.to.fillRect(x - 5, y - 5, 10, 10);
    this.to.fillStyle = colour;
    this.to.fillRect(x - 3.5, y - 3.5, 7, 7);
  }

  private words(text: string, [x, y]: Point, colour: string): void {
    const wide = this.to.measureText(text).width;
    const left = Math.min(Math.max(2, x), this.layout.width - wide - 4);
    const top = Math.min(Math.max(2, y), this.layout.height - 16);
    this.to.fillStyle = "rgb(0 0 0 / 0.6)";
    this.to.fillRect(left - 3, top - 2, wide + 6, 17);
    this.to.fillStyle = colour;
    this.to.fillText(text, left, top);
  }
}

/** Below the lowest point. */
function labelPlace(points: Point[]): Point {
  const lowest = points.reduce((low, point) => (point[1] > low[1] ? point : low));
  return [Math.min(...points.map(([x]) => x)), lowest[1] + 6];
}

/** What a shape measures, in mm where the spacing is known. */
export function measureOf(shape: Shape, { x, y, known }: Pitch): string {
  const unit = known ? "mm" : "px";
  if ((shape.kind === "line" || shape.kind === "edge") && shape.points.length > 1) return `${lengthOf(shape.points, x, y).toFixed(1)} ${unit}`;
  if (shape.kind === "angle" && shape.points.length > 2) return `${angleOf(shape.points, x, y).toFixed(1)}°`;
  if (isArea(shape.kind) && shape.points.length > 1) {
    const area = areaOf(shape, x, y);
    return `${area >= 100 ? Math.round(area).toLocaleString("en") : area.toFixed(1)} ${unit}²`;
  }
  return "";
}

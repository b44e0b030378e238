/** What a pressed button does until it is let go: window, pan, zoom, cursor, shapes, brush. */
import { cursorAt, movedBy, toImage, toScreen, zoomedAt, type Layout } from "./geometry";
import type { Pixels } from "./pixels";
import { hitAt, isShapeKind, isWhole, newShape, POINTS, shifted, withHandle, type Hit } from "./shapes";
import type { Axis, Point, Shape, Tool, Window } from "./types";
import type { MaskHandle } from "./use_mask";
import type { ShapesHandle } from "./use_shapes";
import { planeOf, windowOf, type View, type ViewModel } from "./view";

/** What a gesture needs to know of its pane, as it is now. */
export interface Stage {
  model: ViewModel;
  layout: Layout;
  pixels: Pixels;
  axis: Axis;
  group: string;
  tool: Tool;
  shapes?: ShapesHandle;
  mask?: MaskHandle;
}

type Doing =
  | { kind: "window"; from: Point; window: Window }
  | { kind: "pan"; last: Point }
  | { kind: "zoom"; from: Point; last: Point }
  | { kind: "cross" }
  | { kind: "draw" }
  | { kind: "edit"; hit: Hit; from: Point }
  | { kind: "paint"; last: Point; erase: boolean };

/** The gestures of one pane. `draft` is the shape being drawn or changed; `redraw` shows it. */
export class Gestures {
  draft: Shape | null = null;
  /** Id of the stored shape the draft stands for while it is changed. */
  replaced: string | null = null;
  private doing: Doing | null = null;
  private pressed: Point = [0, 0];

  constructor(
    private readonly stage: () => Stage | null,
    private readonly redraw: () => void,
  ) {}

  get busy(): boolean {
    return this.doing !== null;
  }

  down(place: Point, button: number, keys: { space: boolean; shift: boolean }): void {
    const stage = this.stage();
    if (!stage) return;
    this.pressed = place;
    const { tool } = stage;
    if (button === 1 || (button === 0 && (keys.space || tool === "pan"))) this.doing = { kind: "pan", last: place };
    else if (button === 2 || tool === "zoom") this.doing = { kind: "zoom", from: place, last: place };
    else if (keys.shift || tool === "cross") this.begin({ kind: "cross" }, place);
    else if (tool === "brush" || tool === "eraser") this.paint(stage, place);
    else if (tool === "select" || isShapeKind(tool)) this.shape(stage, place);
    else this.doing = { kind: "window", from: place, window: plain(windowOf(stage.model.get(), stage.group, stage.pixels)) };
  }

  private begin(doing: Doing, place: Point): void {
    this.doing = doing;
    this.move(place);
  }

  private paint(stage: Stage, place: Point): void {
    const at = toImage(stage.layout, place);
    const erase = stage.tool === "eraser";
    stage.mask?.stroke(at, at, erase, true);
    this.doing = { kind: "paint", last: at, erase };
  }

  private shape(stage: Stage, place: Point): void {
    const at = toImage(stage.layout, place);
    if (this.draft && !this.replaced) return this.append(stage, at);
    const seen = stage.shapes ? visible(stage.shapes.shapes, stage.model.get(), stage.pixels, stage.axis) : [];
    const hit = hitAt(seen, place, (point) => toScreen(stage.layout, point));
    if (hit) {
      stage.shapes?.choose(hit.shape.id);
      this.replaced = hit.shape.id;
      this.draft = hit.shape;
      this.doing = { kind: "edit", hit, from: at };
    } else if (isShapeKind(stage.tool)) this.start(stage, stage.tool, at);
    else stage.shapes?.choose(null);
    this.redraw();
  }

  private start(stage: Stage, kind: Shape["kind"], at: Point): void {
    const { planes } = stage.pixels.size(stage.axis);
    const where = planes > 1 ? { plane: planeOf(stage.model.get(), stage.pixels, stage.axis), axis: stage.axis } : {};
    this.draft = newShape(kind, POINTS[kind] === 1 ? [at] : [at, at], where);
    this.doing = { kind: "draw" };
    if (kind === "point") this.finish();
  }

  /** Another corner of a polygon or angle. */
  private append(stage: Stage, at: Point): void {
    const draft = this.draft!;
    const [first] = draft.points;
    const closes = draft.kind === "polygon" && draft.points.length > 3 && distance(toScreen(stage.layout, first), toScreen(stage.layout, at)) < 10;
    if (draft.points.length >= POINTS[draft.kind]) this.stretch(at);
    if (closes || draft.points.length >= POINTS[draft.kind]) return this.finish(closes);
    this.draft = { ...draft, points: [...draft.points.slice(0, -1), at, at] };
    this.doing = { kind: "draw" };
    this.redraw();
  }

  /** The pointer moves, pressed or not. */
  move(place: Point): void {
    const stage = this.stage();
    if (!stage) return;
    const view = stage.model.get();
    const doing = this.doing;
    const at = toImage(stage.layout, place);
    if (!doing) {
      if (this.draft && !this.replaced) this.stretch(at);
      return;
    }
    if (doing.kind === "window") stage.model.setWindow(stage.group, dragged(doing.window, place[0] - doing.from[0], place[1] - doing.from[1]));
    else if (doing.kind === "cross") stage.model.set({ ...cursorAt(view, stage.layout, stage.axis, at), cursor: true });
    else if (doing.kind === "pan") {
      stage.model.set(movedBy(view, stage.layout, stage.axis, place[0] - doing.last[0], place[1] - doing.last[1]));
      doing.last = place;
    } else if (doing.kind === "zoom") {
      stage.model.set(zoomedAt(view, stage.layout, stage.axis, Math.exp((doing.last[1] - place[1]) / 150), doing.from));
      doing.last = place;
    } else if (doing.kind === "paint") {
      stage.mask?.stroke(doing.last, at, doing.erase, false);
      doing.last = at;
    } else if (doing.kind === "edit") {
      const { hit, from } = doing;
      this.draft = hit.handle >= 0 ? withHandle(hit.shape, hit.handle, at) : shifted(hit.shape, at[0] - from[0], at[1] - from[1]);
      this.redraw();
    } else this.stretch(at);
  }

  /** The last point of the draft follows the cursor of the keyboard. */
  follow(at: Point): void {
    if (!this.replaced) this.stretch(at);
  }

  /** Whether the last corner was set twice at one place, as Enter does to close a polygon. */
  get repeated(): boolean {
    const points = this.draft?.points ?? [];
    return points.length > 3 && distance(points[points.length - 1], points[points.length - 2]) < 0.01;
  }

  private stretch(at: Point): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, points: [...this.draft.points.slice(0, -1), at] };
    this.redraw();
  }

  /** The button is let go. Returns true when it was a click: nothing was moved. */
  up(place: Point): boolean {
    const doing = this.doing;
    const click = distance(place, this.pressed) < 3;
    this.doing = null;
    if (doing?.kind === "edit") {
      if (this.draft && !click) this.stage()?.shapes?.change(this.draft);
      this.drop();
    } else if (doing?.kind === "draw" && this.draft) {
      const several = this.draft.kind === "polygon" || this.draft.kind === "angle";
      if (!several) this.finish();
      else if (!click && this.draft.points.length < POINTS[this.draft.kind]) this.draft = { ...this.draft, points: [...this.draft.points, this.draft.points[this.draft.points.length - 1]] };
    }
    return click;
  }

  /** Keep what is being drawn; `closed`, `polygon`: its last corner only followed the pointer. */
  finish(closed = false): void {
    const draft = this.draft && this.draft.kind === "polygon" && (closed || this.draft.points.length > 3) ? { ...this.draft, points: trimmed(this.draft.points, closed) } : this.draft;
    if (draft && !this.replaced && isWhole(draft)) this.stage()?.shapes?.add(draft);
    this.drop();
  }

  /** Forget what is being drawn. */
  drop(): void {
    this.draft = null;
    this.replaced = null;
    this.doing = null;
    this.redraw();
  }

  /** Set a point by keyboard: begins, continues or finishes a shape at an image place, or paints there. */
  press(at: Point): void {
    const stage = this.stage();
    if (stage?.mask && (stage.tool === "brush" || stage.tool === "eraser")) return stage.mask.stroke(at, at, stage.tool === "eraser", true);
    if (!stage || !isShapeKind(stage.tool)) return;
    if (!this.draft) this.start(stage, stage.tool, at);
    else if (POINTS[this.draft.kind] === 2) {
      this.stretch(at);
      this.finish();
    } else this.append(stage, at);
    this.doing = null;
    this.redraw();
  }

  wheel(place: Point, steps: number): void {
    const stage = this.stage();
    if (stage) stage.model.set(zoomedAt(stage.model.get(), stage.layout, stage.axis, 1.15 ** steps, place));
  }
}

/** Shapes of the plane that is shown. */
export function visible(shapes: Shape[], view: View, pixels: Pixels, axis: Axis): Shape[] {
  const plane = planeOf(view, pixels, axis);
  return shapes.filter((shape) => shape.plane === undefined || (shape.plane === plane && (shape.axis ?? 0) === axis));
}

/** Right: wider. Down: higher centre, so darker. Relative, so it suits every range of values. */
function dragged(window: Window, across: number, down: number): Window {
  return { ...window, width: Math.max(1e-9, window.width * Math.exp(across / 250)), centre: window.centre + (down / 400) * window.width };
}

/** A window like a table of the file, which a drag can change. */
function plain(window: Window): Window {
  if (!window.entries || window.first === undefined) return { centre: window.centre, width: window.width, function: window.function };
  return { centre: window.first + window.entries.length / 2, width: window.entries.length };
}

/** Corners without those that a double click set twice, and without the one that followed the pointer. */
function trimmed(points: Point[], closed: boolean): Point[] {
  const kept = points.filter((point, i) => i === 0 || distance(point, points[i - 1]) > 0.01);
  return closed && kept.length > 3 ? kept.slice(0, -1) : kept;
}

const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);

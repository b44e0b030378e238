/** One pane on its two canvases: the image below, layers and marks above. */
import { drawColour, drawGrey, drawLabels } from "./draw";
import { cursorIn, layoutOf, placingOf, type Extent, type Layout } from "./geometry";
import { fillTable, heatTable, labelTable } from "./lut";
import { Marks } from "./marks";
import type { Pixels, Plane } from "./pixels";
import type { Axis, Header, HeatLayer, Layer, MaskLayer, Point, Shape } from "./types";
import { windowOf, type View } from "./view";

/** What a pane holds between two drawings. */
export class Screen {
  private table = new Uint32Array(65536);
  private shown = "";
  private buffer: ImageData | null = null;
  private patch: HTMLCanvasElement | null = null;

  constructor(
    readonly image: HTMLCanvasElement,
    readonly marks: HTMLCanvasElement,
  ) {}

  /** Give the canvases the size of the pane; true when it changed. */
  fit(width: number, height: number, ratio: number): boolean {
    const [wide, high] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.image.width === wide && this.image.height === high) return false;
    for (const canvas of [this.image, this.marks]) [canvas.width, canvas.height] = [wide, high];
    this.buffer = null;
    return true;
  }

  layout(view: View, pixels: Pixels, axis: Axis, reference: Pixels, extent: Extent, ratio: number): Layout {
    return layoutOf(view, pixels, axis, this.image.width / ratio, this.image.height / ratio, reference, extent);
  }

  /** Draw the image; returns the level of the pyramid. */
  drawImage(view: View, group: string, pixels: Pixels, plane: Plane, layout: Layout, ratio: number): number {
    const begun = performance.now();
    const context = this.image.getContext("2d", { alpha: false })!;
    const { width, height } = this.image;
    this.buffer ??= context.createImageData(width, height);
    const out = new Uint32Array(this.buffer.data.buffer);
    this.fillTable(view, group, pixels);
    const draw = pixels.channels === 3 ? drawColour : drawGrey;
    const smooth = view.smooth || layout.scaleX * ratio < 1;
    const level = draw(out, width, height, plane, placingOf(layout, ratio), this.table, smooth);
    context.putImageData(this.buffer, 0, 0);
    this.image.dataset.ms = (performance.now() - begun).toFixed(2);
    this.image.dataset.drawn = String(Number(this.image.dataset.drawn ?? 0) + 1);
    return level;
  }

  private fillTable(view: View, group: string, pixels: Pixels): void {
    const window = windowOf(view, group, pixels);
    const size = pixels.header.dtype === "u8" ? 256 : 65536;
    const inverted = view.inverted !== pixels.header.inverted;
    const wanted = `${pixels.address} ${pixels.header.slope} ${pixels.header.intercept} ${size} ${inverted} ${window.centre} ${window.width} ${window.function} ${window.first} ${window.entries?.length}`;
    if (wanted === this.shown) return;
    if (this.table.length !== size) this.table = new Uint32Array(size);
    fillTable(this.table, pixels.header, window, inverted);
    this.shown = wanted;
  }

  /** Draw layers, shapes and the cursor. `planeFor` gives the plane of a layer's image, undefined while it is on its way. */
  drawMarks(scene: Scene): void {
    const { layout, ratio } = scene;
    const context = this.marks.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.marks.width, this.marks.height);
    for (const layer of scene.layers) if (!layer.hidden && (layer.kind === "mask" || layer.kind === "heat")) this.paint(context, layer, scene);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const marks = new Marks(context, layout);
    for (const layer of scene.layers) {
      if (layer.hidden) continue;
      if (layer.kind === "boxes") marks.boxes(layer);
      if (layer.kind === "points") marks.points(layer);
    }
    for (const shape of scene.shapes) marks.shape(shape, shape.id === scene.chosen, scene.pitch);
    if (scene.draft) marks.shape(scene.draft, true, scene.pitch, scene.draft.kind === "polygon");
    if (scene.view.cursor) marks.cursor(cursorIn(scene.view, layout, scene.axis));
    if (scene.brush) marks.circle(scene.brush.at, scene.brush.radius, "#ffffff");
  }

  private paint(context: CanvasRenderingContext2D, layer: MaskLayer | HeatLayer, scene: Scene): void {
    const grid = scene.gridOf(layer);
    if (!grid) return;
    const { width, height } = this.marks;
    this.patch ??= document.createElement("canvas");
    [this.patch.width, this.patch.height] = [width, height];
    const patch = this.patch.getContext("2d")!;
    const data = patch.createImageData(width, height);
    const out = new Uint32Array(data.data.buffer);
    const placing = placingOf(scene.layout, scene.ratio, grid.size);
    if (layer.kind === "mask") drawLabels(out, width, height, grid.plane.at(0), placing, labelTable(layer.outline ? 1 : (layer.opacity ?? 0.35), layer.palette), layer.outline ?? false);
    else if (grid.header) drawGrey(out, width, height, grid.plane, placing, heatTable(grid.header, layer), true, 0);
    patch.putImageData(data, 0, 0);
    context.drawImage(this.patch, 0, 0);
  }
}

export interface Grid {
  plane: Plane;
  size: { rows: number; columns: number };
  header: Header | null;
}

/** Everything above the image. */
export interface Scene {
  view: View;
  layout: Layout;
  axis: Axis;
  ratio: number;
  layers: Layer[];
  gridOf: (layer: MaskLayer | HeatLayer) => Grid | undefined;
  shapes: Shape[];
  chosen: string | null;
  draft: Shape | null;
  pitch: { x: number; y: number; known: boolean };
  brush: { at: Point; radius: number } | null;
}

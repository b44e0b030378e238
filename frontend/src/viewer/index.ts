/**
 * The viewer of the workbench, as a piece for every screen.
 *
 *     <Viewer panes={[{ address: "set:1a2b3c4d:0" }, { address: "live:abc", title: "processed" }]} />
 *
 * shows linked images with window/level, zoom, pan, pixel values and keyboard. To draw:
 *
 *     const shapes = useShapes(saved, (all) => store(all));
 *     <Viewer panes={panes} tools={["rectangle", "line", "angle"]} shapes={shapes} />
 *
 * To paint labels: `const mask = useMask({ rows, columns }); <Viewer panes={panes} tools={["brush", "eraser"]} mask={mask} />`.
 * Coordinates are image pixels, x = column, y = row; the centre of the first pixel is (0, 0).
 */
export { Viewer, type ViewerProps } from "./viewer";
export { decodePixels, loadPixels, storedPixels, Pixels, Plane } from "./pixels";
export { useShapes, type ShapesHandle } from "./use_shapes";
export { useMask, type MaskHandle } from "./use_mask";
export { ViewModel, useView, type View } from "./view";
export { PALETTE } from "./lut";
export { angleOf, areaOf, isArea, isWhole, lengthOf, newShape, outlineOf } from "./shapes";
export { measureOf } from "./marks";
export type { Axis, BoxesLayer, Header, HeatLayer, Layer, MaskLayer, Pane, Point, Pointed, PointsLayer, Preset, Shape, ShapeKind, Tool, Window } from "./types";

/** One image of the viewer: canvases, corners, pointer. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type PointerEvent } from "react";

import { Busy } from "../parts/busy";
import { Fault } from "../parts/fault";
import { useSay, useText } from "../shell/language";
import { Corners } from "./corners";
import { Gestures, visible, type Stage } from "./gestures";
import { toImage, type Extent, type Layout } from "./geometry";
import { Screen } from "./pane_draw";
import type { Pixels } from "./pixels";
import type { Axis, Pane, Point, Pointed, Tool } from "./types";
import { useGrids } from "./use_grids";
import type { MaskHandle } from "./use_mask";
import { planeNow } from "./use_pixels";
import type { ShapesHandle } from "./use_shapes";
import { atPlane, groupOf, planeOf, sameMarks, type ViewModel } from "./view";

export interface PaneProps {
  pane: Pane;
  index: number;
  pixels: Pixels | null;
  error: unknown;
  loading: boolean;
  reference: Pixels | null;
  /** Of all planes shown of this image. */
  extent: Extent | null;
  /** Written before the title where there are several panes. */
  number: number | null;
  model: ViewModel;
  tool: Tool;
  shapes?: ShapesHandle;
  mask?: MaskHandle;
  active: boolean;
  onActive: (index: number) => void;
  onPoint: (pointed: Pointed | null) => void;
  onClick?: (pointed: Pointed) => void;
  /** Gives the viewer hold of this pane for its keyboard. */
  onStage: (index: number, hold: Hold | null) => void;
}

/** What the keyboard of the viewer needs of a pane. */
export interface Hold {
  stage: () => Stage | null;
  gestures: Gestures;
}

export function PaneView(props: PaneProps) {
  const { pane, index, pixels, model, tool } = props;
  const axis: Axis = pane.axis ?? 0;
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const screen = useRef<Screen | null>(null);
  const brushAt = useRef<Point | null>(null);
  const space = useRef(false);
  const [level, setLevel] = useState(0);
  const t = useText("viewer");
  const say = useSay();
  const now = useRef(props);
  now.current = props;
  const due = useRef({ frame: 0, image: false, marks: false });

  const layout = useCallback((): Layout | null => {
    const { pixels: own, reference, extent, pane: shown } = now.current;
    if (!own || !extent || !screen.current) return null;
    return screen.current.layout(model.get(), own, shown.axis ?? 0, reference ?? own, extent, devicePixelRatio);
  }, [model]);

  const stage = useCallback((): Stage | null => {
    const placed = layout();
    const { pixels: own, pane: shown, tool: held, shapes, mask } = now.current;
    return own && placed ? { model, layout: placed, pixels: own, axis: shown.axis ?? 0, group: shown.group ?? groupOf(own), tool: held, shapes, mask } : null;
  }, [layout, model]);

  const wanted = useRef<(image: boolean, marks: boolean) => void>(() => undefined);
  const redrawMarks = useCallback(() => wanted.current(false, true), []);
  const redraw = useCallback(() => wanted.current(true, true), []);
  const gestures = useMemo(() => new Gestures(stage, redrawMarks), [stage, redrawMarks]);
  const gridOf = useGrids(pane.layers ?? [], redrawMarks);

  wanted.current = (ofImage, ofMarks) => {
    due.current.image ||= ofImage;
    due.current.marks ||= ofMarks;
    due.current.frame ||= requestAnimationFrame(() => {
      const { image: all, marks: above } = due.current;
      due.current = { frame: 0, image: false, marks: false };
      draw(all, above);
    });
  };

  const draw = (all: boolean, above: boolean) => {
    const set = stage();
    if (!set || !screen.current) return;
    const view = model.get();
    const { shapes, mask } = now.current;
    if (all) {
      const plane = planeNow(set.pixels, axis, planeOf(view, set.pixels, axis), redraw);
      if (plane) setLevel(screen.current.drawImage(view, set.group, set.pixels, plane, set.layout, devicePixelRatio));
    }
    if (!above) return;
    const layers = [...(pane.layers ?? []), ...(mask ? [{ kind: "mask" as const, labels: { data: mask.data, rows: mask.rows, columns: mask.columns } }] : [])];
    const seen = shapes ? visible(shapes.shapes, view, set.pixels, axis).filter((shape) => shape.id !== gestures.replaced) : [];
    const painting = mask && brushAt.current && (set.tool === "brush" || set.tool === "eraser");
    screen.current.drawMarks({
      view,
      layout: set.layout,
      axis,
      ratio: devicePixelRatio,
      layers,
      gridOf: (layer) => gridOf(layer, planeOf(view, set.pixels, axis), axis),
      shapes: seen,
      chosen: shapes?.chosen ?? null,
      draft: gestures.draft,
      pitch: set.pixels.pitch(axis),
      brush: painting ? { at: brushAt.current!, radius: mask.radius * set.layout.scaleX } : null,
    });
  };

  useLayoutEffect(() => {
    screen.current = new Screen(image.current!, marks.current!);
    const fit = () => {
      const size = box.current!.getBoundingClientRect();
      if (screen.current!.fit(size.width, size.height, devicePixelRatio)) redraw();
    };
    const watcher = new ResizeObserver(fit);
    watcher.observe(box.current!);
    fit();
    return () => watcher.disconnect();
  }, [redraw]);
  useEffect(() => {
    let last = model.get();
    return model.subscribe(() => {
      const view = model.get();
      wanted.current(true, !sameMarks(last, view)); // a window that is dragged leaves layers and shapes where they are
      last = view;
    });
  }, [model]);
  useEffect(redraw, [redraw, pixels, props.reference, props.extent?.wide, props.extent?.high, axis, model]);
  useEffect(redrawMarks, [redrawMarks, pane.layers, props.shapes, props.mask?.version, props.mask?.radius, tool]);
  useEffect(() => {
    props.onStage(index, { stage, gestures });
    return () => props.onStage(index, null);
  }, [index, stage, gestures, props.onStage]);
  useEffect(() => () => cancelAnimationFrame(due.current.frame), []);
  useEffect(() => gestures.drop(), [gestures, tool]);

  const placeOf = (event: { clientX: number; clientY: number }): Point => {
    const size = box.current!.getBoundingClientRect();
    return [event.clientX - size.left, event.clientY - size.top];
  };
  const pointedAt = (place: Point): Pointed | null => {
    const set = stage();
    if (!set) return null;
    const [x, y] = toImage(set.layout, place);
    return { pane: index, address: pane.address, x, y, plane: planeOf(model.get(), set.pixels, axis), axis };
  };
  const onMove = (event: PointerEvent) => {
    const place = placeOf(event);
    brushAt.current = place;
    gestures.move(place);
    props.onPoint(pointedAt(place));
    if (tool === "brush" || tool === "eraser") redrawMarks();
  };
  const onUp = (event: PointerEvent) => {
    const click = gestures.up(placeOf(event));
    const pointed = click && event.button === 0 ? pointedAt(placeOf(event)) : null;
    if (pointed) props.onClick?.(pointed);
  };
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const set = stage();
      if (!set) return;
      const volume = set.pixels.size(axis).planes > 1 && !event.ctrlKey;
      if (volume) model.set(atPlane(model.get(), set.pixels, axis, planeOf(model.get(), set.pixels, axis) + Math.sign(event.deltaY)));
      else gestures.wheel(placeOf(event), -Math.sign(event.deltaY) * Math.min(3, Math.abs(event.deltaY) / 100 || 1));
    };
    const target = marks.current!;
    target.addEventListener("wheel", onWheel, { passive: false });
    return () => target.removeEventListener("wheel", onWheel);
  }, [stage, gestures, model, axis]);

  const title = [props.number, pane.title ?? (pixels ? say(pixels.header.title) : "")].filter((one) => one !== null).join("  ");
  return (
    <div className={props.active ? "viewer-pane active" : "viewer-pane"} ref={box} data-pane={index}>
      <canvas ref={image} className="viewer-image" aria-hidden="true" />
      <canvas
        ref={marks}
        className={`viewer-marks tool-${tool}`}
        tabIndex={0}
        role="application"
        aria-label={t("canvas", { title })}
        onFocus={() => props.onActive(index)}
        onPointerDown={(event) => {
          event.currentTarget.focus({ preventScroll: true });
          event.currentTarget.setPointerCapture(event.pointerId);
          if (event.button === 1) event.preventDefault();
          gestures.down(placeOf(event), event.button, { space: space.current, shift: event.shiftKey });
        }}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => gestures.drop()}
        onPointerLeave={() => {
          brushAt.current = null;
          props.onPoint(null);
          redrawMarks();
        }}
        onDoubleClick={() => gestures.draft && gestures.finish()}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (event.key === " ") {
            space.current = true;
            event.preventDefault();
          }
        }}
        onKeyUp={(event) => {
          if (event.key === " ") space.current = false;
        }}
      />
      {pixels && <Corners pane={pane} pixels={pixels} model={model} axis={axis} title={title} level={level} layout={layout} />}
      {props.error ? <Fault error={props.error} /> : props.loading && !pixels && <Busy />}
    </div>
  );
}

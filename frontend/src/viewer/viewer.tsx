/** Images side by side that move together, with tools, keyboard and panels. */
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { useGet } from "../shell/api";
import { useText } from "../shell/language";
import { Cine } from "./cine";
import { cursorPointed, extentOf } from "./geometry";
import type { Stage } from "./gestures";
import { ViewerHelp } from "./help";
import { pressed } from "./keys";
import { useLayers } from "./layers";
import { PaneView, type Hold } from "./pane";
import { Panels, type PanelName } from "./panels";
import type { Pixels } from "./pixels";
import { Readout } from "./readout";
import { Signal } from "./signal";
import { Toolbar } from "./toolbar";
import type { Pane, Pointed, Preset, Tool } from "./types";
import type { MaskHandle } from "./use_mask";
import { useAllPixels } from "./use_pixels";
import type { ShapesHandle } from "./use_shapes";
import { ViewModel } from "./view";
import "./viewer.css";

export interface ViewerProps {
  /** The images, side by side. Give a list that stays the same object while nothing changes (useMemo). */
  panes: Pane[];
  /** Tools besides window, pan and zoom, in the order of the bar. Shapes need `shapes`, brush and eraser need `mask`. */
  tools?: Tool[];
  /** The chosen tool, when the screen wants to choose it; else the viewer keeps it. */
  tool?: Tool;
  onTool?: (tool: Tool) => void;
  /** What is drawn (see `useShapes`). */
  shapes?: ShapesHandle;
  /** What is painted (see `useMask`). */
  mask?: MaskHandle;
  /** Panels that can be opened at the side; those in `open` are open at first. Layers have theirs where there are layers. */
  panels?: PanelName[];
  open?: PanelName[];
  /** Centre, zoom, plane and window; give one to keep the view over several viewers or images. */
  model?: ViewModel;
  /** How many panes stand in a row; as near to a square as possible when missing. */
  columns?: number;
  /** No bar of tools. */
  bare?: boolean;
  /** More buttons at the left end of the bar. */
  extra?: ReactNode;
  /** A click that moved nothing. */
  onClick?: (pointed: Pointed) => void;
  /** Hears every key first; true keeps it from the viewer. */
  onKey?: (event: KeyboardEvent) => boolean;
  /** The user asks for the image before or after. */
  onNeighbour?: (step: -1 | 1) => void;
}

/** What `/api/images/facts` tells. */
export interface Facts {
  title: { ja: string; en: string };
  planes: number;
  place: [number, number] | null;
  previous: string | null;
  next: string | null;
  voi: Preset[];
  rows: { label: { ja: string; en: string }; value: { ja: string; en: string } }[];
  history: { name: string; version: number; options: Record<string, unknown> }[];
}

export function Viewer(props: ViewerProps) {
  const { shapes, mask } = props;
  const layers = useLayers(props.panes);
  const { panes } = layers;
  const t = useText("viewer");
  const states = useAllPixels(panes);
  const pixels = states.map((state) => state.pixels);
  const [linked, setLinked] = useState(true);
  const own = useMemo(() => new ViewModel(), []);
  const shared = props.model ?? own;
  const models = useMemo(() => panes.map(() => (linked ? shared : shared.clone())), [linked, shared, panes.length]);
  const [active, setActive] = useState(0);
  const focus = Math.min(active, panes.length - 1);
  const [kept, keep] = useState<Tool>("window");
  const tool = props.tool ?? kept;
  const setTool = props.onTool ?? keep;
  const [help, setHelp] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [open, setOpen] = useState<PanelName[]>(props.open ?? []);
  const pointed = useMemo(() => new Signal<Pointed | null>(null), []);
  const holds = useRef<(Hold | null)[]>([]);
  const onStage = useCallback((index: number, hold: Hold | null) => {
    holds.current[index] = hold;
  }, []);
  const stage = useCallback((): Stage | null => holds.current[focus]?.stage() ?? null, [focus]);
  const facts = useGet<Facts>(panes[focus] ? `/api/images/facts?address=${encodeURIComponent(panes[focus].address)}` : null);
  const shown = pixels[focus];
  const presets = useMemo(() => presetsOf(shown, facts.data), [shown, facts.data]);
  const volume = shown && shown.size(panes[focus]?.axis ?? 0).planes > 1;
  const tools = useMemo(() => {
    const given = props.tools ?? [];
    const first: Tool[] = ["window", "pan", "zoom", ...(volume || panes.length > 1 ? (["cross"] as Tool[]) : [])];
    return [...first.filter((one) => !given.includes(one)), ...(shapes && !given.includes("select") ? (["select"] as Tool[]) : []), ...given];
  }, [props.tools, volume, panes.length, shapes !== undefined]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (props.onKey?.(event)) return event.preventDefault();
    const hold = holds.current[focus];
    if (!hold || !(event.target instanceof HTMLCanvasElement)) return undefined;
    const wishes = { help: () => setHelp(true), link: () => setLinked((on) => !on), play: () => setPlaying((on) => !on), presets: () => presets, neighbour: (step: -1 | 1) => props.onNeighbour?.(step) };
    if (pressed(event, hold, wishes)) event.preventDefault();
    return undefined;
  };
  useCursorReadout(models[focus] ?? shared, stage, panes, focus, pointed);

  const offered: PanelName[] = [...(layers.layers.length ? (["layers"] as const) : []), ...(props.panels ?? [])];
  const panels = offered.map((name) => ({ name, open: open.includes(name), toggle: () => setOpen((now) => (now.includes(name) ? now.filter((one) => one !== name) : [...now, name])) }));
  const columns = props.columns ?? (panes.length <= 3 ? panes.length : Math.ceil(Math.sqrt(panes.length)));
  const several = new Set(panes.map((pane) => pane.address)).size > 1;
  const extents = panes.map((pane, i) => {
    const own = pixels[i];
    return own && extentOf(own, panes.filter((other) => other.address === pane.address).map((other) => other.axis ?? 0));
  });
  return (
    <div className="viewer" onKeyDown={onKeyDown}>
      {!props.bare && (
        <div className="viewer-bar">
          {props.extra}
          <Toolbar model={models[focus] ?? shared} stage={stage} tools={tools} tool={tool} onTool={setTool} presets={presets} linked={panes.length > 1 ? linked : null} onLink={() => setLinked((on) => !on)} panels={panels} history={shapes ?? mask ?? null} onHelp={() => setHelp(true)} />
        </div>
      )}
      <div className="viewer-body">
        <div className="viewer-panes" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }} role="group" aria-label={t("images")}>
          {panes.map((pane, i) => (
            <PaneView key={i} pane={pane} index={i} {...states[i]} reference={pixels[0]} extent={extents[i]} number={several ? i + 1 : null} model={models[i] ?? shared} tool={tool} shapes={shapes} mask={mask} active={panes.length > 1 && i === focus} onActive={setActive} onPoint={(at) => pointed.set(at)} onClick={props.onClick} onStage={onStage} />
          ))}
        </div>
        {open.length > 0 && <Panels names={open} panes={panes} pixels={pixels} layers={layers} model={models[focus] ?? shared} shapes={shapes} facts={facts.data} />}
      </div>
      <footer className="viewer-foot">
        <Readout pointed={pointed} panes={panes} pixels={pixels} />
        {volume && shown && <Cine model={models[focus] ?? shared} pixels={shown} axis={panes[focus].axis ?? 0} playing={playing} onPlaying={setPlaying} />}
      </footer>
      <ViewerHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** Windows of the image, then what else its file offers. */
function presetsOf(pixels: Pixels | null | undefined, facts: Facts | undefined): Preset[] {
  const first = pixels?.header.windows ?? [];
  const more = (facts?.voi ?? []).filter((one) => one.entries || one.function === "SIGMOID" || !first.some((w) => w.centre === one.centre && w.width === one.width));
  return [...first, ...more];
}

/** The cursor of the keyboard is read out as the pointer is. */
function useCursorReadout(model: ViewModel, stage: () => Stage | null, panes: Pane[], focus: number, pointed: Signal<Pointed | null>): void {
  useEffect(() => {
    let last = model.get().at;
    return model.subscribe(() => {
      const view = model.get();
      const set = stage();
      if (view.at === last || !view.cursor || !set) return;
      last = view.at;
      pointed.set(cursorPointed(view, set.layout, set.pixels, panes[focus], focus));
    });
  }, [model, stage, panes, focus, pointed]);
}

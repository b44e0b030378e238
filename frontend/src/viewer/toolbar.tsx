/** Tools and settings of the viewer. */
import { Icon } from "../parts/icons";
import { useSay, useText } from "../shell/language";
import { autoWindow } from "./auto";
import { Glyph, type GlyphName } from "./glyphs";
import { zoomedAt } from "./geometry";
import type { Stage } from "./gestures";
import type { PanelName } from "./panels";
import type { Preset, Tool } from "./types";
import { planeOf, useView, windowOf, type ViewModel } from "./view";

export interface ToolbarProps {
  model: ViewModel;
  stage: () => Stage | null;
  tools: Tool[];
  tool: Tool;
  onTool: (tool: Tool) => void;
  presets: Preset[];
  linked: boolean | null;
  onLink: () => void;
  panels: { name: PanelName; open: boolean; toggle: () => void }[];
  history: { undo: () => void; redo: () => void; canUndo: boolean; canRedo: boolean } | null;
  onHelp: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { model, stage, tools, tool } = props;
  const view = useView(model);
  const t = useText("viewer");
  const with_ = (doing: (stage: Stage) => void) => () => {
    const now = stage();
    if (now) doing(now);
  };
  const auto = with_(({ pixels, axis, group }) => {
    const plane = pixels.plane(axis, planeOf(model.get(), pixels, axis));
    if (plane) model.setWindow(group, autoWindow(plane, pixels.header));
  });
  const one = with_(({ layout, axis }) => model.set(zoomedAt(model.get(), layout, axis, 1 / (layout.scaleX * devicePixelRatio), [layout.width / 2, layout.height / 2])));
  return (
    <div className="toolbar viewer-toolbar" role="toolbar" aria-label={t("tools")}>
      {tools.map((name) => (
        <Press key={name} glyph={name} text={t(`tool_${name}`)} pressed={tool === name} onPress={() => props.onTool(name)} />
      ))}
      {props.history && (
        <>
          <button className="ghost icon" disabled={!props.history.canUndo} onClick={props.history.undo} aria-label={t("undo")} title={t("undo")}>
            <Icon name="undo" size={18} />
          </button>
          <button className="ghost icon" disabled={!props.history.canRedo} onClick={props.history.redo} aria-label={t("redo")} title={t("redo")}>
            <Icon name="redo" size={18} />
          </button>
        </>
      )}
      <hr />
      <Presets presets={props.presets} stage={stage} model={model} />
      <Press glyph="auto" text={t("auto")} onPress={auto} />
      <Press glyph="invert" text={t("invert")} pressed={view.inverted} onPress={() => model.set({ inverted: !view.inverted })} />
      <hr />
      <Press glyph="fit" text={t("fit")} onPress={() => model.set({ zoom: 0, centre: [0.5, 0.5, 0.5] })} />
      <button className="ghost icon viewer-one" onClick={one} aria-label={t("one")} title={t("one")}>
        1:1
      </button>
      <Press glyph="turn" text={t("turn")} onPress={() => model.set({ turn: ((view.turn + 1) % 4) as 0 | 1 | 2 | 3 })} />
      <Press glyph="mirror" text={t("mirror")} pressed={view.mirrored} onPress={() => model.set({ mirrored: !view.mirrored })} />
      <Press glyph="smooth" text={t("smooth")} pressed={view.smooth} onPress={() => model.set({ smooth: !view.smooth })} />
      {props.linked !== null && (
        <button className="ghost icon" aria-pressed={props.linked} onClick={props.onLink} aria-label={t("link")} title={t("link")}>
          <Icon name="link" size={18} />
        </button>
      )}
      <span className="gap" />
      {props.panels.map((panel) => (
        <Press key={panel.name} glyph={panel.name} text={t(panel.name)} pressed={panel.open} onPress={panel.toggle} />
      ))}
      <Press glyph="keyboard" text={t("help")} onPress={props.onHelp} />
    </div>
  );
}

function Press({ glyph, text, pressed, onPress }: { glyph: GlyphName; text: string; pressed?: boolean; onPress: () => void }) {
  return (
    <button className="ghost icon" aria-pressed={pressed} onClick={onPress} aria-label={text} title={text}>
      <Glyph name={glyph} />
    </button>
  );
}

function Presets({ presets, stage, model }: { presets: Preset[]; stage: () => Stage | null; model: ViewModel }) {
  const view = useView(model);
  const t = useText("viewer");
  const say = useSay();
  const now = stage();
  const window = now && windowOf(view, now.group, now.pixels);
  const at = window ? presets.findIndex((one) => one.centre === window.centre && one.width === window.width && one.entries === window.entries) : -1;
  return (
    <select
      aria-label={t("presets")}
      title={t("presets")}
      value={at}
      onChange={(event) => {
        const set = stage();
        const preset = presets[Number(event.target.value)];
        if (set && preset) model.setWindow(set.group, preset);
      }}
    >
      <option value={-1} disabled>
        {t("by_hand")}
      </option>
      {presets.map((one, i) => (
        <option key={i} value={i}>
          {say(one.name)}
        </option>
      ))}
    </select>
  );
}

/** What lies over the images: shown or not, how strongly, as areas or outlines. */
import { useMemo, useState } from "react";

import { useSay, useText } from "../shell/language";
import { PALETTE } from "./lut";
import type { Layer, Pane } from "./types";

/** How a layer was changed by hand. */
interface Change {
  hidden?: boolean;
  opacity?: number;
  outline?: boolean;
}

export interface LayersHandle {
  /** The panes with their layers as they are to be drawn. */
  panes: Pane[];
  /** The layers that can be changed: those of the first pane that has any. */
  layers: Layer[];
  change: (index: number, change: Change) => void;
}

/** Layers of the n-th place are changed together in all panes. */
export function useLayers(panes: Pane[]): LayersHandle {
  const [changes, set] = useState<Record<number, Change>>({});
  const shown = useMemo(() => panes.map((pane) => (pane.layers?.length ? { ...pane, layers: pane.layers.map((layer, i) => ({ ...layer, ...changes[i] })) } : pane)), [panes, changes]);
  const layers = shown.find((pane) => pane.layers?.length)?.layers ?? [];
  return { panes: shown, layers, change: (index, change) => set((old) => ({ ...old, [index]: { ...old[index], ...change } })) };
}

export function LayersPanel({ layers, change }: LayersHandle) {
  const t = useText("viewer");
  const say = useSay();
  return (
    <section className="viewer-panel">
      <h3>{t("layers")}</h3>
      {layers.map((layer, i) => (
        <fieldset key={i} className="viewer-layer">
          <label className="row">
            <input type="checkbox" checked={!layer.hidden} onChange={(event) => change(i, { hidden: !event.target.checked })} />
            <Swatch layer={layer} />
            {say(layer.name) || t(`layer_${layer.kind}`)}
          </label>
          {(layer.kind === "mask" || layer.kind === "heat") && (
            <label className="field inline">
              <span>{t("opacity")}</span>
              <input type="range" min={0.05} max={1} step={0.05} value={layer.opacity ?? (layer.kind === "mask" ? 0.35 : 0.5)} disabled={layer.hidden} onChange={(event) => change(i, { opacity: Number(event.target.value) })} />
            </label>
          )}
          {layer.kind === "mask" && (
            <label className="row">
              <input type="checkbox" checked={layer.outline ?? false} disabled={layer.hidden} onChange={(event) => change(i, { outline: event.target.checked })} />
              {t("outline")}
            </label>
          )}
        </fieldset>
      ))}
    </section>
  );
}

function Swatch({ layer }: { layer: Layer }) {
  const colour = layer.kind === "mask" ? (layer.palette ?? PALETTE)[0] : undefined;
  return <span className={`viewer-swatch ${layer.kind}`} style={{ background: colour }} aria-hidden="true" />;
}

/** Statistics of the drawn regions, computed by the server on the exact values; one row a region and image. */
import { useEffect, useMemo, useState } from "react";

import { post } from "../shell/api";
import { useText } from "../shell/language";
import type { Pixels } from "./pixels";
import { isArea } from "./shapes";
import type { Pane, Shape } from "./types";
import type { ShapesHandle } from "./use_shapes";
import { planeOf, useView, type ViewModel } from "./view";
import { numberWords } from "./words";

interface Statistics {
  n: number;
  mean: number | null;
  sd: number | null;
  minimum: number | null;
  maximum: number | null;
  median: number | null;
  area_mm2: number | null;
  unit: string;
}

interface Props {
  panes: Pane[];
  pixels: (Pixels | null)[];
  model: ViewModel;
  shapes?: ShapesHandle;
}

const ROWS = ["n", "mean", "sd", "minimum", "maximum", "median", "area_mm2"] as const;

export function RegionStatistics({ panes, pixels, model, shapes }: Props) {
  const t = useText("viewer");
  const view = useView(model);
  const regions = useMemo(() => (shapes?.shapes ?? []).filter((shape) => isArea(shape.kind)).slice(0, 20), [shapes?.shapes]);
  return (
    <section className="viewer-panel">
      <h3>{t("statistics")}</h3>
      {regions.length === 0 && <p className="soft tiny">{t("draw_region")}</p>}
      {regions.map((shape, i) => (
        <div key={shape.id} className={shape.id === shapes?.chosen ? "viewer-region chosen" : "viewer-region"}>
          <button className="ghost small" onClick={() => shapes?.choose(shape.id)}>
            {shape.label || t("region_n", { n: i + 1 })}
          </button>
          <div className="viewer-region-columns">
            {panes.map((pane, k) => {
              const own = pixels[k];
              return own && (pane.axis ?? 0) === (shape.axis ?? 0) ? <Column key={k} title={panes.length > 1 ? (pane.title ?? String(k + 1)) : ""} pane={pane} shape={shape} plane={shape.plane ?? planeOf(view, own, pane.axis ?? 0)} /> : null;
            })}
          </div>
        </div>
      ))}
    </section>
  );
}

function Column({ title, pane, shape, plane }: { title: string; pane: Pane; shape: Shape; plane: number }) {
  const t = useText("viewer");
  const asked = JSON.stringify({ address: pane.address, shape: { kind: shape.kind, points: shape.points }, plane, axis: pane.axis ?? 0 });
  const found = usePosted<Statistics>("/api/images/statistics", asked, pane.version);
  return (
    <dl className="viewer-numbers" aria-busy={!found}>
      {title && <div className="viewer-numbers-title">{title}</div>}
      {ROWS.map((name) =>
        found && found[name] === null ? null : (
          <div key={name}>
            <dt>{t(`stat_${name}`)}</dt>
            <dd data-stat={name} data-value={found?.[name] ?? ""}>
              {found ? numberWords(found[name] as number) : "…"} {name === "area_mm2" ? "mm²" : name === "n" ? "px" : found?.unit}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** The answer to a request whose body changes; the last answer stays until the next has come. */
export function usePosted<T>(path: string, body: string, version?: string | number): T | null {
  const [found, set] = useState<T | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => post<T>(path, JSON.parse(body), stop.signal).then(set, (error: Error) => error.name === "AbortError" || set(null)), 30);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [path, body, version]);
  return found;
}

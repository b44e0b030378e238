/** Values along the chosen line, of every image. */
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { post, type ApiError } from "../shell/api";
import { Fault } from "../parts/fault";
import { useSay, useText, type Say } from "../shell/language";
import type { Pixels } from "./pixels";
import type { Pane } from "./types";
import type { ShapesHandle } from "./use_shapes";
import { planeOf, useView, type ViewModel } from "./view";

interface Curve {
  x: number[];
  y: (number | null)[];
  x_label: Say;
  y_label: Say;
  x_unit: string;
  y_unit: string;
}

interface Props {
  panes: Pane[];
  pixels: (Pixels | null)[];
  model: ViewModel;
  shapes?: ShapesHandle;
}

export function LineProfile({ panes, pixels, model, shapes }: Props) {
  const t = useText("viewer");
  const [width, setWidth] = useState(1);
  const line = useMemo(() => {
    const lines = (shapes?.shapes ?? []).filter((shape) => shape.kind === "line" || shape.kind === "edge");
    return lines.find((shape) => shape.id === shapes?.chosen) ?? lines[lines.length - 1];
  }, [shapes?.shapes, shapes?.chosen]);
  const view = useView(model);
  const asked = line
    ? panes
        .map((pane, i) => ({ pane, own: pixels[i] }))
        .filter(({ pane, own }) => own && (pane.axis ?? 0) === (line.axis ?? 0))
        .map(({ pane, own }) => ({ address: pane.address, plane: line.plane ?? planeOf(view, own!, pane.axis ?? 0), axis: pane.axis ?? 0, width_px: width, shape: { kind: line.kind, points: line.points } }))
    : [];
  const versions = panes.map((pane) => pane.version ?? "").join();
  const { curves, error } = useCurves(JSON.stringify(asked), versions);
  const names = panes.map((pane, i) => pane.title ?? String(i + 1));
  return (
    <section className="viewer-panel">
      <h3>{t("profile")}</h3>
      {!line && <p className="soft tiny">{t("draw_line")}</p>}
      {line && (
        <>
          <label className="field inline">
            <span>{t("profile_width")}</span>
            <input type="number" min={1} max={99} value={width} onChange={(event) => setWidth(Math.min(99, Math.max(1, Math.round(Number(event.target.value) || 1))))} />
          </label>
          <Fault error={error} />
          <Plot curves={curves} names={names} />
          <button className="ghost small" disabled={!curves.length} onClick={() => navigator.clipboard.writeText(asText(curves))}>
            {t("copy_profile")}
          </button>
        </>
      )}
    </section>
  );
}

function useCurves(asked: string, versions: string): { curves: Curve[]; error: ApiError | null } {
  const [state, set] = useState<{ curves: Curve[]; error: ApiError | null }>({ curves: [], error: null });
  useEffect(() => {
    const stop = new AbortController();
    const bodies = JSON.parse(asked) as unknown[];
    Promise.all(bodies.map((body) => post<Curve>("/api/images/profile", body, stop.signal))).then(
      (curves) => set({ curves, error: null }),
      (error: ApiError) => error.name === "AbortError" || set({ curves: [], error }),
    );
    return () => stop.abort();
  }, [asked, versions]);
  return state;
}

/** Columns that a spreadsheet takes. */
function asText(curves: Curve[]): string {
  return curves[0].x.map((x, i) => [x, ...curves.map((curve) => curve.y[i] ?? "")].join("\t")).join("\n");
}

function Plot({ curves, names }: { curves: Curve[]; names: string[] }) {
  const box = useRef<HTMLDivElement>(null);
  const say = useSay();
  const t = useText("viewer");
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme((n) => n + 1);
    addEventListener("gazo-theme", changed);
    return () => removeEventListener("gazo-theme", changed);
  }, []);
  useEffect(() => {
    const target = box.current;
    if (!target || !curves.length) return undefined;
    const style = getComputedStyle(target);
    const ink = (name: string) => style.getPropertyValue(name).trim();
    const [first] = curves;
    const axis = (label: Say, unit: string): uPlot.Axis => ({ label: `${say(label)}${unit && ` [${unit}]`}`, labelSize: 18, size: 46, stroke: ink("--ink-soft"), grid: { stroke: ink("--line"), width: 1 }, ticks: { stroke: ink("--line"), width: 1 }, font: "11px system-ui", labelFont: "11px system-ui" });
    const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
    const plot = new uPlot(
      {
        width: target.clientWidth,
        height: 190,
        scales: { x: { time: false } },
        axes: [{ ...axis(first.x_label, first.x_unit), size: 34 }, axis(first.y_label, first.y_unit)],
        series: [{ label: first.x_unit }, ...curves.map((_, i): uPlot.Series => ({ label: names[i], stroke: ink(`--series-${(i % 6) + 1}`), width: 1.5, dash: dashes[i % 4], points: { show: false } }))],
        legend: { show: curves.length > 1, live: true },
        cursor: { drag: { x: true, y: false } },
      },
      aligned(curves),
      target,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: target.clientWidth, height: 190 }));
    watcher.observe(target);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [curves, say, theme, names.join()]);
  return <div ref={box} className="viewer-plot" role="img" aria-label={t("profile")} data-points={curves[0]?.x.length ?? 0} />;
}

/** Curves of images of another size have other places; they are drawn over the share of the line. */
function aligned(curves: Curve[]): uPlot.AlignedData {
  const [first] = curves;
  const on = (curve: Curve) => (curve.y.length === first.y.length ? curve.y : first.x.map((_, i) => curve.y[Math.round((i / Math.max(1, first.x.length - 1)) * (curve.y.length - 1))]));
  return [first.x, ...curves.map(on)] as uPlot.AlignedData;
}

/** Lines over a common axis, drawn by uPlot in the colours of the theme. The legend tells the values under the pointer, else the last ones. */
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./chart.css";

export interface Line {
  name: string;
  label: string;
  x: number[];
  y: (number | null)[];
  /** 1 to 6, one of the colours of the theme. */
  colour: number;
  dashed?: boolean;
  /** A faint line behind the others, without a place in the legend. */
  faint?: boolean;
}

interface Given {
  lines: Line[];
  title: string;
  xLabel: string;
  height?: number;
  /** How a value is written. */
  write?: (value: number) => string;
  empty?: string;
  logarithmic?: boolean;
}

const plain = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(3) : value.toPrecision(3));

export function Chart({ lines, title, xLabel, height = 240, write = plain, empty, logarithmic = false }: Given) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const theme = useThemeRound();
  const data = useMemo(() => aligned(lines), [lines]);
  const latest = useRef(data);
  latest.current = data;
  const shape = JSON.stringify([lines.map((line) => [line.name, line.colour, line.dashed, line.faint]), xLabel, height, logarithmic, theme]);
  useEffect(() => {
    const home = box.current;
    if (!home) return undefined;
    const made = new uPlot(settings(lines, xLabel, home.clientWidth, height, logarithmic, write, setAt), latest.current, home);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: Math.max(120, home.clientWidth), height }));
    watch.observe(home);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = null;
    };
    // The lines themselves change every second; a new drawing is only needed for another shape.
    // eslint-disable-next-line
  }, [shape]);
  useEffect(() => chart.current?.setData(data), [data]);
  const nothing = lines.every((line) => line.y.every((value) => value === null));
  const value = (place: number) => {
    const column = data[place + 1] as (number | null | undefined)[];
    const found = at === null ? [...column].reverse().find((one) => one !== null && one !== undefined) : column[at];
    return found === null || found === undefined ? "–" : write(found);
  };
  return (
    <figure className="chart" aria-label={title}>
      <figcaption>
        <h4>{title}</h4>
        <ul className="chart-legend">
          {lines.map((line, place) =>
            line.faint ? null : (
              <li key={line.name}>
                <svg width="22" height="8" aria-hidden="true">
                  <line x1="1" y1="4" x2="21" y2="4" stroke={`var(--series-${line.colour})`} strokeWidth="2.500" strokeDasharray={line.dashed ? "5 3" : undefined} />
                </svg>
                {line.label} <b>{value(place)}</b>
              </li>
            ),
          )}
        </ul>
      </figcaption>
      <div className="chart-box" ref={box} style={{ height }} />
      {nothing && empty && <p className="chart-empty soft">{empty}</p>}
    </figure>
  );
}

/** A number that changes with the theme, so that the drawing takes the new colours. */
function useThemeRound(): number {
  const [round, next] = useState(0);
  useEffect(() => {
    const change = () => next((n) => n + 1);
    addEventListener("gazo-theme", change);
    return () => removeEventListener("gazo-theme", change);
  }, []);
  return round;
}

/** All lines over the union of their places. */
function aligned(lines: Line[]): uPlot.AlignedData {
  const places = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const columns = lines.map((line) => {
    const known = new Map(line.x.map((x, i) => [x, line.y[i] ?? null]));
    return places.map((x) => known.get(x) ?? null);
  });
  return [places, ...columns] as uPlot.AlignedData;
}

function settings(lines: Line[], xLabel: string, width: number, height: number, logarithmic: boolean, write: (value: number) => string, setAt: (place: number | null) => void): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line-strong"), width: 1, size: 4 }, font: "12px system-ui, sans-serif" };
  return {
    width: Math.max(120, width),
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : { range: (_, low, high) => padded(low, high) } },
    axes: [
      { ...axis, label: xLabel, labelSize: 20, labelFont: axis.font, size: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : String(Number(tick.toPrecision(6))))) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: colour(`--series-${line.colour}`),
        alpha: line.faint ? 0.35 : 1,
        width: line.faint ? 1 : 2,
        dash: line.dashed ? [6, 4] : undefined,
        spanGaps: true,
        points: { show: (chart: uPlot, series: number) => (chart.data[series] as unknown[]).filter((value) => value !== null).length === 1, size: 6 },
        value: (_: uPlot, value: number | null) => (value === null ? "–" : write(value)),
      })),
    ],
    hooks: { setCursor: [(chart) => setAt(chart.cursor.idx ?? null)] },
  };
}

/** A little room above and below; a single value stands in the middle. */
function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

/** What a network costs against how often it is wrong, where both are known: the cheap and good ones lie at the lower left. */
import { useFormat, useSay, useText } from "../../shell/language";
import type { Compared } from "./compare";

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 64;
const BOTTOM = 44;
const RIGHT = 150;
const TOP = 12;

interface Point {
  name: string;
  cost: number;
  error: number;
  low: number;
  high: number;
  colour: number;
}

export function CostPlot({ found }: { found: Compared[] }) {
  const t = useText("runs");
  const say = useSay();
  const format = useFormat();
  const points = found.flatMap(({ run }, place): Point[] => {
    const one = run.headline[0];
    if (run.multiply_adds === null || !one || one.value === null || one.value > 1) return [];
    return [{ name: run.name, cost: run.multiply_adds, error: 1 - one.value, low: 1 - (one.high ?? one.value), high: 1 - (one.low ?? one.value), colour: (place % 6) + 1 }];
  });
  if (points.length < 2) return null;
  const measure = say(found.find(({ run }) => run.headline[0])?.run.headline[0]?.name);
  const costs = points.map((point) => Math.log10(point.cost));
  const [first, last] = [Math.floor(Math.min(...costs)), Math.ceil(Math.max(...costs) + 1e-9)];
  const top = Math.max(0.02, ...points.map((point) => point.high)) * 1.08;
  const x = (cost: number) => LEFT + ((Math.log10(cost) - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (error: number) => TOP + (1 - error / top) * (HEIGHT - TOP - BOTTOM);
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  return (
    <section className="card stack">
      <h3>{t("cost_title")}</h3>
      <svg className="runs-cost" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("cost_title")}>
        {decades.map((cost) => (
          <g key={cost}>
            <line x1={x(cost)} x2={x(cost)} y1={TOP} y2={HEIGHT - BOTTOM} className="runs-grid" />
            <text x={x(cost)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
              {amount(cost)}
            </text>
          </g>
        ))}
        {steps.map((error) => (
          <g key={error}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(error)} y2={y(error)} className="runs-grid" />
            <text x={LEFT - 8} y={y(error) + 4} textAnchor="end">
              {format.number(error, 2)}
            </text>
          </g>
        ))}
        <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 8} textAnchor="middle">
          {t("cost_axis")}
        </text>
        <text transform={`translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`} textAnchor="middle">
          {`1 − ${measure}`}
        </text>
        {points.map((point) => (
          <g key={point.name + point.cost} style={{ color: `var(--series-${point.colour})` }}>
            <line x1={x(point.cost)} x2={x(point.cost)} y1={y(Math.max(0, point.low))} y2={y(point.high)} className="runs-span" />
            <circle cx={x(point.cost)} cy={y(point.error)} r="5" className="runs-point" />
            <text x={x(point.cost) + 10} y={y(point.error) + 4} className="runs-point-name">
              {point.name.length > 22 ? `${point.name.slice(0, 21)}…` : point.name}
            </text>
          </g>
        ))}
      </svg>
      <p className="soft tiny">{t("cost_about")}</p>
    </section>
  );
}

function amount(cost: number): string {
  for (const [size, sign] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) if (cost >= size) return `${cost / size} ${sign}`;
  return String(cost);
}

/** ROC curves with their band; a slider moves the operating point of the first curve and tells what it means in cases. */
import { useMemo, useState } from "react";

import { FigureButton } from "../../parts/figure";
import { useSay, useText } from "../../shell/language";
import type { Picture, RocCurve, RocNumbers } from "./types";

const SIZE = 340;
const LEFT = 46;
const TOP = 12;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
const x = (value: number) => LEFT + value * SIZE;
const y = (value: number) => TOP + (1 - value) * SIZE;

export function RocPlot({ run, picture, numbers }: { run: string; picture: Picture; numbers: RocNumbers }) {
  const t = useText("results");
  const say = useSay();
  const [which, setWhich] = useState(0);
  const curve = numbers.curves[which]!;
  const [at, setAt] = useState<number | null>(null);
  const place = at ?? nearestToCorner(curve);
  const move = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = (SIZE + LEFT + 16) / box.width;
    setAt(nearest(curve, ((event.clientX - box.left) * scale - LEFT) / SIZE, 1 - ((event.clientY - box.top) * scale - TOP) / SIZE));
  };
  return (
    <figure className="result-figure results-roc">
      <svg viewBox={`0 0 ${SIZE + LEFT + 16} ${SIZE + TOP + 44}`} role="img" aria-label={say(picture.caption)} onPointerMove={move} onPointerDown={move}>
        <Axes words={[t("fpr"), t("tpr")]} />
        <path className={`results-band series-${which + 1}`} d={band(curve)} />
        {numbers.curves.map((one, i) => (
          <path key={i} className={`results-line series-${i + 1}`} data-dash={i || undefined} d={line(one.fpr, one.tpr)} />
        ))}
        <circle className="results-point" cx={x(curve.fpr[place]!)} cy={y(curve.tpr[place]!)} r={5} />
      </svg>
      <ul className="results-legend">
        {numbers.curves.map((one, i) => (
          <li key={i}>
            <button className="ghost small" aria-pressed={which === i} onClick={() => (setWhich(i), setAt(null))}>
              <i className={`series-${i + 1}`} aria-hidden="true" /> {say(one.title)} AUC {say(one.auc.text)}
            </button>
          </li>
        ))}
      </ul>
      <OperatingPoint curve={curve} place={place} onPlace={setAt} />
      <figcaption>
        <span>{say(picture.caption)}</span>
        <FigureButton run={run} picture={picture} />
      </figcaption>
    </figure>
  );
}

function OperatingPoint({ curve, place, onPlace }: { curve: RocCurve; place: number; onPlace: (place: number) => void }) {
  const t = useText("results");
  const told = useMemo(() => {
    const [tpr, fpr] = [curve.tpr[place]!, curve.fpr[place]!];
    const hit = Math.round(tpr * curve.positives);
    const alarm = Math.round(fpr * curve.negatives);
    const right = curve.negatives - alarm;
    return [
      [t("threshold"), curve.thresholds[place] === null || curve.thresholds[place] === undefined ? "–" : curve.thresholds[place]!.toFixed(3)],
      [t("sensitivity"), `${tpr.toFixed(3)} (${hit}/${curve.positives})`],
      [t("specificity"), `${(1 - fpr).toFixed(3)} (${right}/${curve.negatives})`],
      [t("ppv"), hit + alarm ? (hit / (hit + alarm)).toFixed(3) : "–"],
      [t("npv"), right + curve.positives - hit ? (right / (right + curve.positives - hit)).toFixed(3) : "–"],
    ] as const;
  }, [curve, place, t]);
  return (
    <div className="results-operating">
      <label className="field">
        <span>{t("operating_point")}</span>
        <input type="range" min={0} max={curve.fpr.length - 1} value={place} onChange={(event) => onPlace(Number(event.target.value))} />
      </label>
      <dl>
        {told.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="soft tiny">{t("operating_caution")}</p>
    </div>
  );
}

function Axes({ words }: { words: [string, string] }) {
  return (
    <g className="results-axes">
      {TICKS.map((tick) => (
        <g key={tick}>
          <path d={`M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}`} />
          <text x={x(tick)} y={y(0) + 16} textAnchor="middle">
            {tick}
          </text>
          <text x={x(0) - 6} y={y(tick) + 4} textAnchor="end">
            {tick}
          </text>
        </g>
      ))}
      <path className="results-chance" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      <text x={x(0.5)} y={y(0) + 36} textAnchor="middle">
        {words[0]}
      </text>
      <text x={12} y={y(0.5)} textAnchor="middle" transform={`rotate(-90 12 ${y(0.5)})`}>
        {words[1]}
      </text>
    </g>
  );
}

function line(xs: number[], ys: number[]): string {
  return xs.map((one, i) => `${i ? "L" : "M"}${x(one).toFixed(1)} ${y(ys[i]!).toFixed(1)}`).join("");
}

function band(curve: RocCurve): string {
  const back = [...curve.grid].reverse();
  const low = [...curve.low].reverse();
  return `${line(curve.grid, curve.high)}${line(back, low).replace("M", "L")}Z`;
}

function nearest(curve: RocCurve, fpr: number, tpr: number): number {
  const far = curve.fpr.map((one, i) => (one - fpr) ** 2 + (curve.tpr[i]! - tpr) ** 2);
  return far.indexOf(Math.min(...far));
}

/** Where sensitivity + specificity is largest. */
function nearestToCorner(curve: RocCurve): number {
  const sum = curve.tpr.map((one, i) => one - curve.fpr[i]!);
  return sum.indexOf(Math.max(...sum));
}

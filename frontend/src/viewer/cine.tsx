/** Planes of a volume: a slider, and playing them one after the other. */
import { useEffect, useState } from "react";

import { Icon } from "../parts/icons";
import { useText } from "../shell/language";
import type { Pixels } from "./pixels";
import type { Axis } from "./types";
import { atPlane, planeOf, useView, type ViewModel } from "./view";

interface Props {
  model: ViewModel;
  pixels: Pixels;
  axis: Axis;
  playing: boolean;
  onPlaying: (playing: boolean) => void;
}

export function Cine({ model, pixels, axis, playing, onPlaying }: Props) {
  const view = useView(model);
  const t = useText("viewer");
  const [rate, setRate] = useState(10);
  const { planes } = pixels.size(axis);
  const plane = planeOf(view, pixels, axis);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => {
      const now = planeOf(model.get(), pixels, axis);
      model.set(atPlane(model.get(), pixels, axis, (now + 1) % planes));
    }, 1000 / rate);
    return () => clearInterval(timer);
  }, [playing, rate, model, pixels, axis, planes]);
  return (
    <div className="viewer-cine">
      <button className="ghost icon" onClick={() => onPlaying(!playing)} aria-label={playing ? t("pause") : t("play")} title={playing ? t("pause") : t("play")}>
        <Icon name={playing ? "pause" : "play"} size={16} />
      </button>
      <input type="range" min={0} max={planes - 1} value={plane} aria-label={t("plane")} onChange={(event) => model.set(atPlane(model.get(), pixels, axis, Number(event.target.value)))} />
      <span className="viewer-count">
        {plane + 1} / {planes}
      </span>
      <select value={rate} aria-label={t("rate")} title={t("rate")} onChange={(event) => setRate(Number(event.target.value))}>
        {[2, 5, 10, 15, 30].map((n) => (
          <option key={n} value={n}>
            {t("per_second", { n })}
          </option>
        ))}
      </select>
    </div>
  );
}

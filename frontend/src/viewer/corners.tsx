/** Words in the corners of a pane: what it is, which plane, which window, how much it is reduced. */
import { useText } from "../shell/language";
import { numberWords } from "./words";
import type { Layout } from "./geometry";
import type { Pixels } from "./pixels";
import type { Axis, Pane } from "./types";
import { groupOf, planeOf, useView, windowOf, type ViewModel } from "./view";

interface Props {
  pane: Pane;
  pixels: Pixels;
  model: ViewModel;
  axis: Axis;
  title: string;
  level: number;
  layout: () => Layout | null;
}

export function Corners({ pane, pixels, model, axis, title, level, layout }: Props) {
  const view = useView(model);
  const t = useText("viewer");
  const { planes } = pixels.size(axis);
  const window = windowOf(view, pane.group ?? groupOf(pixels), pixels);
  const placed = layout();
  const percent = placed ? Math.round(placed.scaleX * devicePixelRatio * 100) : 0;
  return (
    <div className="viewer-corners" aria-hidden="true">
      <span className="top-left">{title}</span>
      <span className="top-right">
        {axis !== 0 && `${t(`axis_${axis}`)} `}
        {planes > 1 && `${planeOf(view, pixels, axis) + 1} / ${planes}`}
      </span>
      <span className="bottom-left">{window.entries ? t("table_shown") : t("window_shown", { centre: numberWords(window.centre), width: numberWords(window.width) })}</span>
      <span className="bottom-right">
        {pane.badge && <b>{pane.badge}</b>}
        {level > 0 && <b className="viewer-mean">{t("mean", { n: `1/${2 ** level}` })}</b>}
        {percent}%
      </span>
    </div>
  );
}

/** What lies under the pointer: place in pixels and mm, and the value of every linked image there. */
import { useEffect, useState } from "react";

import { get } from "../shell/api";
import { useText } from "../shell/language";
import type { Pixels } from "./pixels";
import { useSignal, type Signal } from "./signal";
import type { Pane, Pointed } from "./types";
import { numberWords } from "./words";

interface Props {
  pointed: Signal<Pointed | null>;
  panes: Pane[];
  pixels: (Pixels | null)[];
}

/** A pixel of one pane. */
interface Spot {
  address: string;
  row: number;
  column: number;
  plane: number;
  axis: number;
}

export function Readout({ pointed, panes, pixels }: Props) {
  const at = useSignal(pointed);
  const t = useText("viewer");
  const own = at && pixels[at.pane];
  if (!at || !own) return <output className="viewer-readout">{t("point_at")}</output>;
  const { rows, columns } = own.size(at.axis);
  const [column, row] = [Math.round(at.x), Math.round(at.y)];
  if (column < 0 || row < 0 || column >= columns || row >= rows) return <output className="viewer-readout">{t("outside")}</output>;
  const pitch = own.pitch(at.axis);
  const several = new Set(panes.map((pane) => pane.address)).size > 1;
  return (
    <output className="viewer-readout" data-row={row} data-column={column}>
      <span>
        x {column} y {row}
        {own.size(at.axis).planes > 1 && ` z ${at.plane}`}
      </span>
      {pitch.known && (
        <span>
          {(at.x * pitch.x).toFixed(1)}, {(at.y * pitch.y).toFixed(1)} mm
        </span>
      )}
      {panes.map((pane, i) => (
        <Value key={i} own={i === at.pane} title={several ? (pane.title ?? String(i + 1)) : ""} pixels={pixels[i]} spot={spotOf(at, own, pane, pixels[i])} />
      ))}
    </output>
  );
}

/** The same place in another pane: the same share of its rows and columns; none where it is cut along another axis. */
function spotOf(at: Pointed, own: Pixels, pane: Pane, pixels: Pixels | null): Spot | null {
  const axis = pane.axis ?? 0;
  if (!pixels || axis !== at.axis) return null;
  const [from, to] = [own.size(axis), pixels.size(axis)];
  const along = (place: number, before: number, after: number) => Math.min(after - 1, Math.max(0, Math.round(((Math.round(place) + 0.5) / before) * after - 0.5)));
  return { address: pane.address, column: along(at.x, from.columns, to.columns), row: along(at.y, from.rows, to.rows), plane: along(at.plane, from.planes, to.planes), axis };
}

function Value({ own, title, pixels, spot }: { own: boolean; title: string; pixels: Pixels | null; spot: Spot | null }) {
  const exact = useExact(pixels && !pixels.header.exact ? spot : null);
  if (!pixels || !spot) return null;
  const plane = pixels.plane(spot.axis as 0 | 1 | 2, spot.plane)?.at(0);
  if (!plane) return null;
  const shrink = 2 ** plane.level;
  const first = (Math.min(plane.rows - 1, Math.floor(spot.row / shrink)) * plane.columns + Math.min(plane.columns - 1, Math.floor(spot.column / shrink))) * pixels.channels;
  const codes = [...plane.codes.subarray(first, first + pixels.channels)].map((code) => pixels.value(code));
  const values = exact ?? codes;
  const unit = pixels.header.unit && ` ${pixels.header.unit}`;
  return (
    <span className={own ? "viewer-value own" : "viewer-value"} data-value={values.join(" ")} data-exact={pixels.header.exact || exact !== null}>
      {title && <i>{title}</i>} <b>{values.map((value) => numberWords(value, 6)).join(" ")}</b>
      {unit}
    </span>
  );
}

/** The exact values of a pixel whose codes are rounded, asked for when the pointer rests. */
function useExact(spot: Spot | null): number[] | null {
  const [known, set] = useState<{ key: string; values: number[] } | null>(null);
  const key = spot && JSON.stringify(spot);
  useEffect(() => {
    if (!key) return undefined;
    const stop = new AbortController();
    const spotted = JSON.parse(key) as Spot;
    const timer = setTimeout(() => {
      const query = new URLSearchParams(Object.entries(spotted).map(([name, value]): [string, string] => [name, String(value)]));
      get<{ value: number | null | (number | null)[] }>(`/api/images/value?${query}`, stop.signal).then(
        ({ value }) => set({ key, values: (Array.isArray(value) ? value : [value]).map((one) => one ?? NaN) }),
        () => undefined,
      );
    }, 80);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]);
  return known && known.key === key ? known.values : null;
}

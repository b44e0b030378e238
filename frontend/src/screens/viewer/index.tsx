/** The viewer: any images of the workspace, side by side, with measuring tools. */
import { useEffect, useMemo } from "react";

import { PickImages } from "../../parts/pick_images";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { useShapes, Viewer, ViewModel, type Layer, type Pane, type Tool } from "../../viewer";
import "./viewer_screen.css";

const TOOLS: Tool[] = ["rectangle", "ellipse", "polygon", "line", "angle", "point"];
const MOST = 6;

interface Facts {
  planes: number;
  place: [number, number] | null;
  previous: string | null;
  next: string | null;
}

export default function ViewerScreen() {
  const t = useText("viewer");
  const { query } = useRoute();
  const addresses = useMemo(() => query.getAll("address").slice(0, MOST), [query]);
  const choose = (chosen: string[]) => {
    const changed = new URLSearchParams(chosen.slice(0, MOST).map((address): [string, string] => ["address", address]));
    go(`/viewer${chosen.length ? `?${changed}` : ""}`);
  };
  if (!addresses.length)
    return (
      <div className="empty">
        <p>{t("nothing")}</p>
        <PickImages value={[]} onChange={choose} many label={t("choose")} />
      </div>
    );
  return <Shown addresses={addresses} choose={choose} />;
}

function Shown({ addresses, choose }: { addresses: string[]; choose: (addresses: string[]) => void }) {
  const t = useText("viewer");
  const { query } = useRoute();
  const kinds = addresses.map((address) => address.slice(0, address.lastIndexOf(":"))).join();
  const model = useMemo(() => new ViewModel(), [kinds]); // the next image of a set keeps zoom and window
  const sections = query.get("sections") === "1";
  const difference = query.get("difference") === "1" && addresses.length > 1;
  const shapes = useShapes();
  const { reset } = shapes;
  const key = addresses.join("\n");
  useEffect(() => reset([]), [key, reset]);
  const [mask, heat] = [query.get("mask"), query.get("heat")];
  const panes = useMemo(() => panesOf(addresses, layersOf(mask, heat), sections, difference, t), [key, mask, heat, sections, difference, t]);
  const facts = useGet<Facts>(`/api/images/facts?address=${encodeURIComponent(addresses[0])}`).data;
  const step = (by: -1 | 1) => {
    const to = by > 0 ? facts?.next : facts?.previous;
    if (to) go(withAddress(to), { replace: true });
  };
  const extra = (
    <div className="viewer-screen-bar">
      <PickImages value={addresses} onChange={choose} many label={t("choose")} />
      {facts?.place && addresses.length === 1 && (
        <span className="viewer-screen-steps">
          <button className="ghost icon" disabled={!facts.previous} onClick={() => step(-1)} aria-label={t("previous")} title={t("previous")}>
            <Icon name="left" size={18} />
          </button>
          {t("of", { n: facts.place[0] + 1, all: facts.place[1] })}
          <button className="ghost icon" disabled={!facts.next} onClick={() => step(1)} aria-label={t("next")} title={t("next")}>
            <Icon name="right" size={18} />
          </button>
        </span>
      )}
      {addresses.length === 1 && (facts?.planes ?? 1) > 1 && (
        <button className="ghost small" aria-pressed={sections} onClick={() => go(withQuery({ sections: sections ? null : "1" }), { replace: true })}>
          {t("sections")}
        </button>
      )}
      {addresses.length > 1 && (
        <button className="ghost small" aria-pressed={difference} onClick={() => go(withQuery({ difference: difference ? null : "1" }), { replace: true })}>
          {t("difference")}
        </button>
      )}
    </div>
  );
  return (
    <div className="viewer-screen">
      <Viewer model={model} panes={panes} tools={TOOLS} shapes={shapes} panels={["statistics", "profile", "facts"]} extra={extra} onNeighbour={step} />
    </div>
  );
}

/** A mask and a heat map over the first image, named in the address of the page. */
function layersOf(mask: string | null, heat: string | null): Layer[] {
  return [...(heat ? [{ kind: "heat" as const, address: heat }] : []), ...(mask ? [{ kind: "mask" as const, address: mask }] : [])];
}

function panesOf(addresses: string[], layers: Layer[], sections: boolean, difference: boolean, t: (key: string, values?: Record<string, number>) => string): Pane[] {
  if (addresses.length === 1) return sections ? ([0, 1, 2] as const).map((axis): Pane => ({ address: addresses[0], axis, layers })) : [{ address: addresses[0], layers }];
  const panes = addresses.map((address, i): Pane => ({ address, layers: i ? [] : layers }));
  const [first, second] = addresses.map(encodeURIComponent);
  return difference ? [...panes, { address: `difference:${first}:${second}`, title: t("difference_title") }] : panes;
}

function withAddress(address: string): string {
  const query = new URLSearchParams(location.search);
  query.delete("address");
  const rest = query.toString();
  return `/viewer?address=${encodeURIComponent(address)}${rest && `&${rest}`}`;
}

/** One pass of one reader: draw what the protocol asks for, Enter stores it and shows the next image. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useKeys } from "../../parts/keys";
import { post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import { isWhole, useShapes, Viewer, ViewModel, type Shape, type ShapesHandle } from "../../viewer";
import type { Item, Protocol, Reading as Stored, ReadingImage } from "./types";

interface Pass {
  protocol: Protocol;
  images: ReadingImage[];
}

export function Reading({ id }: { id: string }) {
  const { query } = useRoute();
  const [reader, pass] = [query.get("reader") ?? "1", query.get("pass") ?? "1"];
  const path = `/api/protocols/${id}/${reader}/${pass}`;
  const { data, error, loading } = useGet<Pass>(path);
  const [stored, keep] = useState<Record<number, Stored>>({});
  const model = useMemo(() => new ViewModel(), []);
  useEffect(() => keep({}), [path]);
  if (error) return <Fault error={error} />;
  if (loading || !data) return <Busy />;
  const readingOf = (image: ReadingImage) => stored[image.row] ?? image.reading;
  const first = data.images.findIndex((image) => !readingOf(image));
  const asked = data.images.findIndex((image) => String(image.row) === query.get("row"));
  const at = asked >= 0 ? asked : Math.max(0, first);
  const image = data.images[at]!;
  const show = (place: number) => go(withQuery({ row: String(data.images[(place + data.images.length) % data.images.length]!.row) }), { replace: true });
  const done = data.images.filter(readingOf).length;
  const store = (reading: Stored) => {
    keep((old) => ({ ...old, [image.row]: reading }));
    const next = data.images.findIndex((other, i) => i > at && !readingOf(other));
    if (at + 1 < data.images.length) show(next >= 0 ? next : at + 1);
  };
  return <OneImage key={`${path}-${image.row}`} pass={data} path={path} image={image} reading={readingOf(image)} at={at} done={done} model={model} onStored={store} onShow={show} />;
}

interface Given {
  pass: Pass;
  path: string;
  image: ReadingImage;
  reading: Stored | null;
  at: number;
  done: number;
  model: ViewModel;
  onStored: (reading: Stored) => void;
  onShow: (at: number) => void;
}

function OneImage({ pass, path, image, reading, at, done, model, onStored, onShow }: Given) {
  const t = useText("protocol");
  const items = pass.protocol.items;
  const drawing = useDrawing(items, reading);
  const [note, setNote] = useState(reading?.note ?? "");
  const [error, fail] = useState<unknown>(null);
  const since = useRef(performance.now());
  const panes = useMemo(() => [{ address: image.address, title: t("image_n", { n: at + 1, of: pass.images.length }) }], [image.address, at, pass.images.length, t]);
  const complete = drawing.current === null;
  const store = useCallback(() => {
    const shapes = Object.fromEntries([...drawing.byKey].map(([key, shape]) => [key, { points: shape.points, plane: shape.plane ?? 0 }]));
    post<Stored>(path, { row: image.row, shapes, note, seconds: (performance.now() - since.current) / 1000 }).then(onStored, fail);
  }, [drawing.byKey, path, image.row, note, onStored]);
  useKeys({ Enter: () => complete && store(), ArrowRight: () => onShow(at + 1), ArrowLeft: () => onShow(at - 1) });
  return (
    <div className="protocol-reading">
      <Viewer panes={panes} tools={TOOLS} tool={drawing.tool} onTool={drawing.setTool} shapes={drawing.shapes} model={model} onNeighbour={(step) => onShow(at + step)} />
      <aside className="protocol-side">
        <Go to="/protocol" className="tiny">
          {t("back")}
        </Go>
        <h2>{pass.protocol.name}</h2>
        <progress max={pass.images.length} value={done} aria-label={t("progress")} />
        <p className="soft tiny">
          {t("image_n", { n: at + 1, of: pass.images.length })} · {t("done_n", { n: done })}
          {image.label !== null && ` · ${image.label}`}
        </p>
        <p className={complete ? "note good" : "note"} role="status">
          {done === pass.images.length && reading ? t("finished") : complete ? t("all_drawn") : t("draw_now", { name: drawing.current!.name })}
        </p>
        <ol className="protocol-items">
          {items.map((item) => (
            <ItemRow key={item.key} item={item} drawn={item.kind === "ratio" ? complete : drawing.byKey.has(item.key)} current={item.key === drawing.current?.key} values={reading?.values[item.key]} onRedraw={() => drawing.redraw(item)} />
          ))}
        </ol>
        <label className="field">
          <span>{t("note")}</span>
          <input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
        </label>
        <Fault error={error} onClose={() => fail(null)} />
        <button className="primary" onClick={store} disabled={!complete}>
          <Icon name="check" size={16} /> {t("next")} <kbd>Enter</kbd>
        </button>
        <div className="row">
          <button onClick={() => onShow(at - 1)} aria-label={t("previous")}>
            <Icon name="left" size={16} />
          </button>
          <button onClick={() => onShow(at + 1)} aria-label={t("following")}>
            <Icon name="right" size={16} />
          </button>
          <Go to={`/protocol/${pass.protocol.id}/table`} className="button">
            {t("table")}
          </Go>
        </div>
        <p className="soft tiny">{t("keys")}</p>
      </aside>
    </div>
  );
}

const TOOLS = ["line", "angle", "rectangle", "ellipse", "polygon", "point"] as const satisfies Shape["kind"][];

function ItemRow({ item, drawn, current, values, onRedraw }: { item: Item; drawn: boolean; current: boolean; values?: Record<string, number | null>; onRedraw: () => void }) {
  const t = useText("protocol");
  const shown = Object.values(values ?? {})[0];
  return (
    <li className={current ? "current" : undefined}>
      <span className={drawn ? "protocol-dot on" : "protocol-dot"} aria-hidden="true" />
      <span className="grow">
        {item.name} <span className="soft tiny mono">{item.key}</span>
      </span>
      <span className="mono">{typeof shown === "number" ? shown.toPrecision(4) : ""}</span>
      {item.kind !== "ratio" && (
        <button className="ghost icon small" onClick={onRedraw} aria-label={t("redraw", { name: item.name })} title={t("redraw", { name: item.name })}>
          <Icon name="edit" size={14} />
        </button>
      )}
    </li>
  );
}

/** The shapes of one image, each known by the item it was drawn for; the tool is that of the item that is due. */
function useDrawing(items: Item[], reading: Stored | null) {
  const wanted = items.filter((item) => item.kind !== "ratio");
  const keyOf = useRef(new Map<string, string>(wanted.map((item) => [item.key, item.key])));
  const [again, redraw] = useState<Item | null>(null);
  const [picked, setTool] = useState<string | null>(null);
  const due = useRef<Item | null>(null);
  const begin = useMemo(() => wanted.flatMap((item) => (reading?.shapes[item.key] ? [{ id: item.key, kind: item.kind as Shape["kind"], label: item.name, ...reading.shapes[item.key]! }] : [])), []);
  const handle = useShapes(begin, (all) => {
    for (const shape of all) if (!keyOf.current.has(shape.id) && due.current) keyOf.current.set(shape.id, due.current.key);
    redraw(null);
    setTool(null);
  });
  const byKey = new Map<string, Shape>();
  for (const shape of handle.shapes) {
    const key = keyOf.current.get(shape.id);
    if (key && isWhole(shape)) byKey.set(key, shape);
  }
  const current = again ?? wanted.find((item) => !byKey.has(item.key)) ?? null;
  due.current = current;
  const named = handle.shapes.filter((shape) => byKey.get(keyOf.current.get(shape.id) ?? "") === shape).map((shape) => ({ ...shape, label: wanted.find((item) => item.key === keyOf.current.get(shape.id))!.name }));
  const shapes: ShapesHandle = { ...handle, shapes: named };
  const tool = (picked ?? current?.kind ?? "select") as "select" | Shape["kind"];
  return { shapes, byKey, current, tool, setTool, redraw: (item: Item) => (setTool(null), redraw(item)) };
}

/** Labels painted on the image. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { putBytes, raw } from "../../shell/api";
import { useText } from "../../shell/language";
import { useMask, Viewer, type Tool } from "../../viewer";
import { Classes } from "./classes";
import type { Mark, PartProps } from "./types";

interface Labels {
  rows: number;
  columns: number;
  data: Uint8Array;
}

export function MaskPart(props: PartProps & { children: ReactNode }) {
  const path = `/api/annotations/${props.annotation.set}/${props.annotation.id}/masks/${props.row}`;
  const [labels, set] = useState<Labels | null>(null);
  const [error, fail] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    raw(path, stop.signal).then(({ bytes, headers }) => {
      const [rows = 0, columns = 0] = (headers.get("x-gazo-shape") ?? "").split(",").map(Number);
      set({ rows, columns, data: new Uint8Array(bytes) });
    }, (problem) => stop.signal.aborted || fail(problem));
    return () => stop.abort();
  }, [path]);
  if (labels) return <Painting {...props} path={path} labels={labels} />;
  return (
    <>
      <div className="annotate-wait">{error ? <Fault error={error} /> : <Busy />}</div>
      <aside className="annotate-side">{props.children}</aside>
    </>
  );
}

function Painting({ annotation, mark, address, hold, children, path, labels }: PartProps & { children: ReactNode; path: string; labels: Labels }) {
  const t = useText("annotate");
  const touched = useRef(false);
  const [tool, setTool] = useState<Tool>("brush");
  const mask = useMask({ rows: labels.rows, columns: labels.columns, initial: labels.data, onChange: () => (touched.current = true) });
  const data = useRef(mask.data);
  data.current = mask.data;
  useEffect(() => {
    hold(async () => (touched.current || !mark ? stored(`${path}?rows=${labels.rows}&columns=${labels.columns}`, data.current) : null));
  }, [hold, mark, path, labels]);
  const panes = useMemo(() => [{ address }], [address]);
  return (
    <>
      <Viewer panes={panes} tools={["brush", "eraser"]} tool={tool} onTool={setTool} mask={mask} />
      <aside className="annotate-side">
        {children}
        <Classes classes={annotation.classes} chosen={annotation.classes[mask.label - 1] ?? ""} onChoose={(_, place) => mask.setLabel(place + 1)} />
        <label className="field">
          <span>{t("brush", { n: mask.radius })}</span>
          <input type="range" min={1} max={100} value={mask.radius} onChange={(event) => mask.setRadius(Number(event.target.value))} />
        </label>
      </aside>
    </>
  );
}

async function stored(path: string, data: Uint8Array): Promise<Mark> {
  const packed = new Blob([data as BlobPart]).stream().pipeThrough(new CompressionStream("deflate"));
  return putBytes<Mark>(path, await new Response(packed).arrayBuffer());
}

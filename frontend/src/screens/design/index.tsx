/** The network designer. */
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { get, post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { Bar } from "./bar";
import { Canvas } from "./canvas";
import { CodeDialog } from "./code_dialog";
import { addedAfter, part, pasted } from "./edits";
import { useHistory } from "./history";
import { useKeeping } from "./keeping";
import { OpenDialog } from "./open_dialog";
import { PaletteList } from "./palette";
import { Panel } from "./panel";
import { Problems, Totals } from "./problems";
import { SearchDialog } from "./search_dialog";
import { WIDTH, type Design, type Edit, type Kind, type Palette } from "./types";
import { useCheck } from "./use_check";
import { useKeys } from "./use_keys";
import "./design.css";

export default function DesignScreen() {
  return (
    <ReactFlowProvider>
      <Designer />
    </ReactFlowProvider>
  );
}

interface Images {
  classes: string[];
  channels: number;
  size_px: number;
}

function Designer() {
  const t = useText("design");
  const { parts, query } = useRoute();
  const flow = useReactFlow();
  const palette = useGet<Palette>("/api/design/blocks");
  const history = useHistory();
  const { design, change } = history;
  const keeping = useKeeping(history, parts[0] ?? "");
  const [batch, setBatch] = useState(16);
  const { analysis, error: unchecked } = useCheck(design, batch);
  const [chosen, choose] = useState<Set<string>>(new Set());
  const [name, setName] = useState("");
  const [dialog, ask] = useState<"open" | "python" | "search" | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [copied, keepCopy] = useState<Design | null>(null);
  const [fits, setFits] = useState(0);
  const set = query.get("set") ?? "";
  const images = useGet<Images>(set ? `/api/design/images/${set}` : null);
  const kinds = useMemo(() => new Map(palette.data?.kinds.map((kind) => [kind.name, kind])), [palette.data]);
  useEffect(() => setName(keeping.opened || design.name), [keeping.opened, keeping.round]);
  useEffect(() => choose(new Set()), [keeping.round]);

  const server = useCallback((path: string, more: object, after?: () => void) => void post<Design>(path, { design, ...more }).then((next) => (change(next), after?.()), fail), [design, change]);
  const mend = (edits: Edit[]) => server("/api/design/edit", { edits });
  const layout = () => server("/api/design/layout", {}, () => setFits((n) => n + 1));
  const fill = (id: string) => {
    go(withQuery({ set: id || null }), { replace: true });
    if (id) get<Images>(`/api/design/images/${id}`).then((found) => server("/api/design/resize", { channels: found.channels, size_px: found.size_px, classes: Math.max(1, found.classes.length) }), fail);
  };
  const add = (kind: Kind) => {
    const last = [...chosen].at(-1);
    const next = addedAfter(design, kind, design.blocks.find((block) => block.id === last));
    change(next.design);
    choose(new Set([next.id]));
  };
  const show = (id: string) => {
    choose(new Set([id]));
    const block = design.blocks.find((one) => one.id === id);
    if (block) void flow.setCenter(block.x + WIDTH / 2, block.y + 30, { zoom: Math.max(0.8, flow.getZoom()), duration: 250 });
  };
  const save = useCallback(() => keeping.save(name.trim()), [keeping, name]);
  const input = design.blocks.find((block) => block.kind === "input");
  const side = typeof input?.options.rows === "number" && input.options.rows >= 16 && input.options.rows <= 1024 ? input.options.rows : null;
  const train = () =>
    void (keeping.dirty || !keeping.opened ? save() : Promise.resolve(keeping.opened)).then((saved) => {
      const wanted = new URLSearchParams({ method: "classify", ...(set ? { set } : {}), "o.network": `design:${saved}`, ...(side ? { "o.size_px": String(side) } : {}) });
      go(`/train?${wanted}`);
    }, fail);
  const copy = useCallback(() => keepCopy(part(design, chosen)), [design, chosen]);
  const paste = useCallback(() => {
    if (!copied?.blocks.length) return;
    const next = pasted(design, copied);
    change(next.design);
    choose(new Set(next.ids));
    keepCopy(part(next.design, new Set(next.ids)));
  }, [design, copied, change]);
  useKeys({ undo: history.undo, redo: history.redo, copy, paste, all: () => choose(new Set(design.blocks.map((block) => block.id))) });

  const one = chosen.size === 1 ? design.blocks.find((block) => chosen.has(block.id)) : undefined;
  if (!palette.data) return palette.error ? <Fault error={palette.error} /> : <Busy />;
  return (
    <div className="design">
      <Bar {...{ history, keeping, name, setName, save, fail, set, fill, layout, copy, paste, train }} chosen={chosen.size} ready={analysis?.ready ?? false} ask={ask} />
      <Fault error={error ?? keeping.error ?? unchecked ?? images.error} onClose={() => (fail(null), keeping.clearError())} />
      <div className="design-room">
        <PaletteList palette={palette.data} add={add} />
        <div className="design-middle">
          <div className="design-stage">
            <Canvas {...{ design, analysis, kinds, chosen, choose, change }} view={keeping.round + fits} />
            {one ? (
              <aside className="design-panel" aria-label={t("options")}>
                <Panel {...{ design, analysis, change }} block={one} kind={kinds.get(one.kind)} choose={show} close={() => choose(new Set())} />
              </aside>
            ) : (
              <How many={chosen.size} />
            )}
          </div>
          <Totals analysis={analysis} batch={batch} setBatch={setBatch} />
          {analysis && <Problems analysis={analysis} show={show} mend={mend} />}
        </div>
      </div>
      <OpenDialog open={dialog === "open"} onClose={() => ask(null)} show={keeping.show} sized={images.data ? { ...images.data, classes: Math.max(2, images.data.classes.length) } : null} />
      <CodeDialog open={dialog === "python"} onClose={() => ask(null)} design={{ ...design, name: name || design.name }} />
      <SearchDialog open={dialog === "search"} onClose={() => ask(null)} save={save} set={set} size={side} />
    </div>
  );
}

/** How the canvas is used, for whoever asks. */
function How({ many }: { many: number }) {
  const t = useText("design");
  if (many > 1) return <p className="design-help">{t("n_chosen", { n: many })}</p>;
  return (
    <details className="design-help">
      <summary>{t("how")}</summary>
      <ul className="design-how">
        {["how_add", "how_link", "how_set", "how_mend", "how_keys"].map((key) => (
          <li key={key}>{t(key)}</li>
        ))}
      </ul>
    </details>
  );
}

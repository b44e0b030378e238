/** Image processing: original, processed and difference side by side, a chain of operations, sliders that follow the hand. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useCatalog, type Entry, type Option } from "../../form";
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { PickImages } from "../../parts/pick_images";
import { post, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { storedPixels, ViewModel, Viewer, type Header, type Pane, type Pixels } from "../../viewer";
import { AddStep } from "./add_step";
import { Apply } from "./apply";
import { newStep, othersOf, read, ready, sent, useChain, written } from "./chain";
import { Check } from "./check";
import { download, OpenChain, SaveChain } from "./keep";
import { levelOf } from "./level";
import { useLive, usePart, type LiveState, type Wanted } from "./live";
import { Steps } from "./steps";
import "./process.css";

interface Facts {
  spacing_mm: number[] | null;
  low: number;
  high: number;
  planes: number;
  rows: number;
  columns: number;
}

type Asked = "add" | "save" | "open" | "apply" | null;

export default function Process() {
  const { query } = useRoute();
  const image = query.get("image") ?? "";
  const { catalog, error, loading } = useCatalog();
  const t = useText("process");
  if (loading) return <Busy />;
  if (!catalog) return <div className="page"><Fault error={error} /></div>;
  if (!image) {
    return (
      <div className="page">
        <div className="empty card">
          <p>{t("choose_image")}</p>
          <PickImages value={[]} onChange={([address]) => address && go(withQuery({ image: address }))} label={t("choose_image")} />
        </div>
      </div>
    );
  }
  const entries = catalog.entries.filter((entry) => entry.makes === "image");
  return <Bench key={image} image={image} entries={entries} storing={catalog.storing} />;
}

function Bench({ image, entries, storing }: { image: string; entries: Entry[]; storing: Option[] }) {
  const t = useText("process");
  const say = useSay();
  const { query } = useRoute();
  const chain = useChain(useMemo(() => read(query.get("chain")), []));
  const [others, setOthers] = useState<Record<string, string[]>>(() => readOthers(query.get("inputs")));
  const [open, setOpen] = useState<string | null>(chain.steps[0]?.key ?? null);
  const [asked, ask] = useState<Asked>(null);
  const [saved, setSaved] = useState(false);
  const [plane, setPlane] = useState<number | null>(null);
  const { data: facts, error: unread } = useGet<Facts>(`/api/operations/image?address=${encodeURIComponent(image)}`);
  const spacing = Number(query.get("spacing")) || null;
  const hidden = (query.get("hide") ?? "").split(",").filter(Boolean);
  const beside = query.get("beside") ?? "difference";
  const [model] = useState(() => new ViewModel());
  const box = useRef<HTMLDivElement>(null);
  const find = useCallback((name: string) => entries.find((entry) => entry.name === name), [entries]);

  useEffect(() => {
    if (!chain.dragging) go(withQuery({ chain: written(chain.steps) || null, inputs: Object.keys(others).length ? JSON.stringify(others) : null }), { replace: true });
  }, [chain.steps, chain.dragging, others]);
  const used = chain.steps.map((step) => step.operation).join(" ");
  useEffect(() => void post("/api/live/warm", { operations: [...new Set(["unsharp-mask", ...used.split(" ")])].filter(Boolean) }).catch(() => undefined), [used]);
  useKeys(chain.undo, chain.redo);

  const names = othersOf(chain.steps, find).map((one) => one.name);
  const at = facts && facts.planes > 1 ? (plane ?? Math.floor(facts.planes / 2)) : 0;
  const fine = facts !== undefined && ready(chain.steps, others, find) && sent(chain.steps).length > 0;
  const given = Object.fromEntries(names.filter((name) => others[name]?.length).map((name) => [name, others[name]![0]!]));
  const asking: Wanted | null = fine ? { address: image, steps: sent(chain.steps), others: given, spacing_mm: spacing, plane: at } : null;
  const shownPanes = 3 - hidden.length;
  const live = useLive(asking, () => (facts ? levelOf(model.get().zoom, box.current, shownPanes, facts) : 0), chain.dragging);
  const part = live.told ? (beside === "difference" ? (live.told.difference ? "difference" : null) : live.told.maps.some((map) => map.name === beside) ? beside : null) : null;
  const maps = live.told?.maps ?? [];
  const side = usePart(hidden.includes("beside") ? null : live.told, part);
  const preview = (live.told?.level ?? 0) > 0;
  const first = useFirst(image, model);
  const hide = hidden.join(",");
  const panes = useMemo(() => {
    const words: Words = { original: t("original"), processed: t("processed"), beside: part === "difference" || !part ? t("difference") : part };
    const badge = preview ? t("preview", { n: 2 ** live.told!.level }) : undefined;
    return panesOf(image, live, side.pixels, hide.split(","), words, badge, first);
  }, [image, live.pixels, side.pixels, hide, part, preview, first, t]);
  const noSpacing = facts !== undefined && facts.spacing_mm === null;

  return (
    <div className="process">
      <aside className="process-side">
        <div className="process-image">
          <PickImages value={[image]} onChange={([address]) => go(withQuery({ image: address ?? null, inputs: null, spacing: null }))} label={t("image")} />
          {facts && facts.planes > 1 && (
            <label className="field">
              <span>{t("plane", { n: at + 1, of: facts.planes })}</span>
              <input type="range" min={0} max={facts.planes - 1} value={at} onChange={(event) => setPlane(Number(event.target.value))} />
            </label>
          )}
          {noSpacing && <Spacing value={spacing} />}
        </div>
        <div className="process-bar row">
          <button className="primary" onClick={() => ask("add")}>
            <Icon name="add" size={16} /> {t("add")}
          </button>
          <button className="ghost icon" onClick={chain.undo} disabled={!chain.canUndo} aria-label={t("undo")} title={t("undo")}>
            <Icon name="undo" />
          </button>
          <button className="ghost icon" onClick={chain.redo} disabled={!chain.canRedo} aria-label={t("redo")} title={t("redo")}>
            <Icon name="redo" />
          </button>
        </div>
        <div className="process-chain">
          <Steps steps={chain.steps} open={open} onOpen={setOpen} onChange={chain.set} find={find} others={others} onOthers={(name, words) => setOthers((old) => ({ ...old, [name]: words }))} range={facts ? [facts.low, facts.high] : null} image={image} />
        </div>
        <div className="process-keep row">
          <button className="small" onClick={() => ask("open")}>{t("open")}</button>
          <button className="small" onClick={() => ask("save")} disabled={!sent(chain.steps).length}>
            {t("save")}
          </button>
          <button className="small" onClick={() => download(chain.steps)} disabled={!sent(chain.steps).length}>
            <Icon name="download" size={16} /> JSON
          </button>
          <button className="small primary" onClick={() => ask("apply")} disabled={!fine}>
            {t("apply")}
          </button>
        </div>
        {saved && <p className="note good" role="status">{t("saved")}</p>}
      </aside>
      <main className="process-main">
        <div className="toolbar" role="group" aria-label={t("shown")}>
          {(["original", "processed", ...(maps.length ? [] : ["beside"])] as const).map((name) => (
            <button key={name} className="small" aria-pressed={!hidden.includes(name)} disabled={!hidden.includes(name) && shownPanes === 1} onClick={() => go(withQuery({ hide: toggled(hidden, name).join(",") || null }), { replace: true })}>
              {name === "beside" ? t("difference") : t(name)}
            </button>
          ))}
          {maps.length > 0 && (
            <select aria-label={t("beside")} value={hidden.includes("beside") ? "" : beside} onChange={({ target: { value } }) => go(withQuery({ beside: value || beside, hide: without(hidden, "beside", value === "").join(",") || null }), { replace: true })}>
              <option value="difference">{t("difference")}</option>
              {maps.map((map) => (
                <option key={map.name} value={map.name}>
                  {map.name}
                </option>
              ))}
              <option value="">{t("not_shown")}</option>
            </select>
          )}
          <span className="gap" />
          <span className={`process-state tag${preview ? " warn" : live.told ? " good" : ""}`} role="status" data-level={live.told?.level ?? ""} data-token={live.told?.token ?? ""} data-busy={live.busy}>
            {live.busy ? t("computing") : preview ? t("is_preview") : live.told ? t("is_full", { ms: Math.round(live.told.seconds * 1000) }) : t("is_original")}
          </span>
        </div>
        <Fault error={unread ?? live.error ?? side.error} />
        <div className="process-view" ref={box}>
          <Viewer panes={panes} model={model} columns={panes.length} />
        </div>
        <div className="process-under">
          {live.told?.warnings.map((text, place) => (
            <p className="note warn" key={place}>
              {say(text)}
            </p>
          ))}
          {live.told && Object.keys(live.told.numbers).length > 0 && (
            <details>
              <summary className="soft">{t("numbers", { n: Object.keys(live.told.numbers).length })}</summary>
              <div className="row">
                {Object.entries(live.told.numbers).map(([name, value]) => (
                  <span className="tag" key={name}>
                    {name}: {value === null ? "–" : Number(value.toPrecision(4))}
                  </span>
                ))}
              </div>
            </details>
          )}
          {live.told && <Check token={live.told.token} disabled={preview || live.busy} />}
        </div>
      </main>
      <AddStep
        entries={entries}
        open={asked === "add"}
        onClose={() => ask(null)}
        onAdd={(entry) => {
          const step = newStep(entry.name);
          chain.set([...chain.steps, step]);
          setOpen(step.key);
          ask(null);
        }}
      />
      {asked === "save" && <SaveChain steps={chain.steps} open onClose={(done) => (setSaved(done), ask(null))} />}
      {asked === "open" && <OpenChain open onClose={() => ask(null)} onOpen={(steps) => (chain.set(steps), setOpen(steps[0]?.key ?? null), ask(null))} />}
      {asked === "apply" && <Apply steps={chain.steps} others={Object.fromEntries(names.map((name) => [name, others[name] ?? []]))} storing={storing} spacing={spacing} image={image} open onClose={() => ask(null)} />}
    </div>
  );
}

/** Files such as PNG do not say how large a pixel is; lengths in mm need it. */
function Spacing({ value }: { value: number | null }) {
  const t = useText("process");
  const [text, type] = useState(value === null ? "" : String(value));
  const keep = () => go(withQuery({ spacing: Number(text.normalize("NFKC")) > 0 ? String(Number(text.normalize("NFKC"))) : null }), { replace: true });
  return (
    <label className="field process-spacing">
      <span>{t("spacing")}</span>
      <input value={text} inputMode="decimal" placeholder="0.175" onChange={(event) => type(event.target.value)} onBlur={keep} onKeyDown={(event) => event.key === "Enter" && keep()} />
      {value === null && <span className="soft tiny">{t("spacing_why")}</span>}
    </label>
  );
}

const GROUP = "image"; // original and processed share their window while their values mean the same
const same = (header: Header, first: Header | null) => first !== null && header.unit === first.unit && header.meaning === first.meaning && header.colour === first.colour;

/** The header of the original; its first window is the one both begin with. */
function useFirst(image: string, model: ViewModel): Header | null {
  const [first, set] = useState<Header | null>(null);
  useEffect(() => {
    let wanted = true;
    storedPixels(image).then(
      ({ header }) => {
        if (!wanted) return;
        if (!model.get().windows[GROUP] && header.windows[0]) model.setWindow(GROUP, header.windows[0]);
        set(header);
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [image, model]);
  return first;
}

interface Words {
  original: string;
  processed: string;
  beside: string;
}

function panesOf(image: string, live: LiveState, side: Pixels | null, hidden: string[], words: Words, badge: string | undefined, first: Header | null): Pane[] {
  const found: Pane[] = [];
  const alike = live.pixels === null || same(live.pixels.header, first);
  if (!hidden.includes("original")) found.push({ address: image, title: words.original, group: GROUP });
  if (!hidden.includes("processed")) {
    const own = live.pixels ? { address: live.pixels.address, pixels: live.pixels, badge } : { address: image };
    found.push({ ...own, title: words.processed, group: alike ? GROUP : undefined });
  }
  if (!hidden.includes("beside") && side) found.push({ address: side.address, pixels: side, title: words.beside, badge });
  return found;
}

/** The names with one taken in or out. */
const without = (names: string[], name: string, kept: boolean) => [...names.filter((one) => one !== name), ...(kept ? [name] : [])];
const toggled = (names: string[], name: string) => (names.includes(name) ? names.filter((one) => one !== name) : [...names, name]);

function readOthers(text: string | null): Record<string, string[]> {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, string[]>) : {};
  } catch {
    return {};
  }
}

function useKeys(undo: () => void, redo: () => void): void {
  const acts = useRef({ undo, redo });
  acts.current = { undo, redo };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox";
      if (!(event.ctrlKey || event.metaKey) || typing) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) acts.current.redo();
      else acts.current.undo();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

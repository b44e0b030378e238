/** The bar above the canvas: name, files, steps back, layout, images, and where to go with the network. */
import { useRef, type ReactNode } from "react";

import { Icon, type IconName } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { download } from "./code_dialog";
import type { History } from "./history";
import type { Keeping } from "./keeping";
import type { Design } from "./types";

interface BarProps {
  history: History;
  keeping: Keeping;
  name: string;
  setName: (name: string) => void;
  save: () => Promise<string>;
  fail: (error: unknown) => void;
  ready: boolean;
  set: string;
  fill: (set: string) => void;
  ask: (dialog: "open" | "python" | "search") => void;
  layout: () => void;
  copy: () => void;
  paste: () => void;
  chosen: number;
  train: () => void;
}

export function Bar({ history, keeping, name, setName, save, fail, ready, set, fill, ask, layout, copy, paste, chosen, train }: BarProps) {
  const t = useText("design");
  const sets = useGet<{ sets: { id: string; name: string }[] }>("/api/sets");
  const file = useRef<HTMLInputElement>(null);
  const take = async (taken: File | undefined) => {
    try {
      if (taken) keeping.show({ ...(JSON.parse(await taken.text()) as Design), name: taken.name.replace(/\.json$/i, "") });
    } catch {
      fail(new Error(t("no_json")));
    }
  };
  const json = () => download(`${name || "network"}.json`, JSON.stringify({ ...history.design, name }, null, 1), "application/json");
  return (
    <div className="toolbar design-bar" role="toolbar" aria-label={t("tools")}>
      <button onClick={() => ask("open")}>
        <Icon name="list" size={18} />
        {t("open")}
      </button>
      <input className="design-name" value={name} placeholder={t("name")} aria-label={t("name")} maxLength={40} onChange={(event) => setName(event.target.value)} />
      <button className={keeping.dirty ? "primary" : ""} disabled={!name.trim()} onClick={() => void save().catch(fail)}>
        <Icon name="save" size={18} />
        {t("save")}
      </button>
      <span className="design-rule" />
      <Tool icon="undo" label={t("undo")} off={!history.canUndo} act={history.undo} />
      <Tool icon="redo" label={t("redo")} off={!history.canRedo} act={history.redo} />
      <Tool icon="copy" label={t("copy_blocks")} off={!chosen} act={copy} />
      <Tool icon="add" label={t("paste_blocks")} act={paste} />
      <button className="ghost" onClick={layout} title={t("layout_how")}>
        {t("layout")}
      </button>
      <span className="design-rule" />
      <label className="design-fill">
        <span className="visually-hidden">{t("fit_images")}</span>
        <select value={set} title={t("fit_images")} onChange={(event) => fill(event.target.value)}>
          <option value="">{t("fit_images")}</option>
          {sets.data?.sets.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <span className="gap" />
      <Tool icon="upload" label={t("import_json")} act={() => file.current?.click()} />
      <Tool icon="download" label={t("export_json")} act={json} />
      <input ref={file} type="file" accept=".json,application/json" hidden aria-label={t("import_json")} onChange={(event) => (void take(event.target.files?.[0]), (event.target.value = ""))} />
      <button disabled={!ready} onClick={() => ask("python")}>
        {t("python_short")}
      </button>
      <button disabled={!ready} onClick={() => ask("search")}>
        <Icon name="search" size={17} />
        {t("search_short")}
      </button>
      <button className="primary" disabled={!ready} onClick={train}>
        <Icon name="train" size={18} />
        {t("train")}
      </button>
    </div>
  );
}

function Tool({ icon, label, act, off = false }: { icon: IconName; label: string; act: () => void; off?: boolean }): ReactNode {
  return (
    <button className="ghost icon" aria-label={label} title={label} disabled={off} onClick={act}>
      <Icon name={icon} size={18} />
    </button>
  );
}

/** Presets to begin with, and the designs that are kept. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, get, post, useGet } from "../../shell/api";
import { useFormat, useSay, useText, type Say } from "../../shell/language";
import { EMPTY, type Design, type Preset } from "./types";

interface Stored {
  name: string;
  changed: number;
  blocks: number;
  fault: { code: string; ja: string; en: string } | null;
}

export function OpenDialog({ open, onClose, show, sized }: { open: boolean; onClose: () => void; show: (design: Design, name?: string) => void; sized: { channels: number; size_px: number; classes: number } | null }) {
  const t = useText("design");
  const say = useSay();
  const format = useFormat();
  const presets = useGet<Preset[]>(open ? "/api/design/presets" : null);
  const stored = useGet<Stored[]>(open ? "/api/designs" : null);
  const [error, fail] = useState<unknown>(null);
  const take = (path: string, name?: string) => get<Design>(path).then((design) => (show(design, name), onClose()), fail);
  const fitting = (preset: Preset) => (sized ? `?channels=${sized.channels}&size_px=${Math.max(sized.size_px, preset.name === "alexnet" ? 64 : 32)}${preset.count > 1 && preset.name !== "vae" && !preset.name.startsWith("dcgan") ? `&count=${sized.classes}` : ""}` : "");
  return (
    <Dialog title={t("open")} open={open} onClose={onClose} wide>
      <Fault error={error ?? presets.error ?? stored.error} onClose={() => fail(null)} />
      {(stored.data?.length ?? 0) > 0 && (
        <section className="stack">
          <h3>{t("kept")}</h3>
          <ul className="design-kept">
            {stored.data?.map((one) => (
              <li key={one.name}>
                <button className="ghost grow" disabled={Boolean(one.fault)} onClick={() => void take(`/api/designs/${encodeURIComponent(one.name)}`, one.name)}>
                  <span className="grow">{one.name}</span>
                  <span className="soft tiny">{one.fault ? say(one.fault as Say) : `${t("n_blocks", { n: one.blocks })} · ${format.time(one.changed)}`}</span>
                </button>
                <Rename name={one.name} done={stored.again} fail={fail} />
                <Remove name={one.name} done={stored.again} fail={fail} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="stack">
        <h3>{t("presets")}</h3>
        <div className="design-presets">
          {presets.data?.map((one) => (
            <button key={one.name} className="card" data-preset={one.name} onClick={() => void take(`/api/design/presets/${one.name}${fitting(one)}`)}>
              <strong>{say(one.label)}</strong>
              <span className="soft tiny">{say(one.told)}</span>
            </button>
          ))}
          <button className="card" onClick={() => (show(EMPTY), onClose())}>
            <strong>{t("empty")}</strong>
            <span className="soft tiny">{t("empty_about")}</span>
          </button>
        </div>
      </section>
    </Dialog>
  );
}

function Rename({ name, done, fail }: { name: string; done: () => void; fail: (error: unknown) => void }) {
  const t = useText("design");
  const [typed, type] = useState<string | null>(null);
  if (typed === null)
    return (
      <button className="ghost icon small" aria-label={t("rename_of", { name })} title={t("rename_of", { name })} onClick={() => type(name)}>
        <Icon name="edit" size={16} />
      </button>
    );
  const send = () => post(`/api/designs/${encodeURIComponent(name)}/rename`, { name: typed }).then(() => (type(null), done()), fail);
  return (
    <form className="row" onSubmit={(event) => (event.preventDefault(), void send())}>
      <input autoFocus value={typed} aria-label={t("name")} onChange={(event) => type(event.target.value)} />
      <button className="small primary">{t("rename")}</button>
    </form>
  );
}

function Remove({ name, done, fail }: { name: string; done: () => void; fail: (error: unknown) => void }) {
  const t = useText("design");
  const [sure, ask] = useState(false);
  if (!sure)
    return (
      <button className="ghost icon small" aria-label={t("delete_of", { name })} title={t("delete_of", { name })} onClick={() => ask(true)}>
        <Icon name="trash" size={16} />
      </button>
    );
  return (
    <button className="danger small" autoFocus onBlur={() => ask(false)} onClick={() => void del(`/api/designs/${encodeURIComponent(name)}`).then(done, fail)}>
      {t("delete_sure")}
    </button>
  );
}

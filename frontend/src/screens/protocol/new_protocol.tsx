/** What a new protocol measures, on which images, by whom and how often. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, useGet } from "../../shell/api";
import { useSay, useText, type Say } from "../../shell/language";
import { go } from "../../shell/route";
import { DRAWN, type Item, type ItemKind, type Protocol } from "./types";

interface Preset {
  key: string;
  name: Say;
  items: (Omit<Item, "name"> & { name: Say })[];
}

export function NewProtocol({ open, set, onClose }: { open: boolean; set: string; onClose: () => void }) {
  const t = useText("protocol");
  const say = useSay();
  const sets = useGet<{ sets: { id: string; name: string; rows: number }[] }>(open ? "/api/sets" : null);
  const presets = useGet<{ presets: Preset[] }>(open ? "/api/protocols/presets" : null);
  const [form, change] = useState({ name: "", set, items: [] as Item[], blinded: false, readers: "1", passes: 1 });
  const [error, fail] = useState<unknown>(null);
  const chosen = form.set || sets.data?.sets[0]?.id || "";
  const begin = (preset: Preset) => change({ ...form, name: form.name || say(preset.name), items: preset.items.map((item) => ({ ...item, name: say(item.name) })) });
  const save = () => {
    const readers = form.readers.split(/[,、\n]/).map((one) => one.trim()).filter(Boolean);
    post<Protocol>("/api/protocols", { ...form, set: chosen, readers }).then((made) => go(`/protocol/${made.id}?reader=1&pass=1`), fail);
  };
  return (
    <Dialog
      title={t("new")}
      open={open}
      onClose={onClose}
      wide
      actions={
        <button className="primary" onClick={save} disabled={!chosen || !form.items.length || !form.name.trim()}>
          {t("begin")}
        </button>
      }
    >
      <div className="field">
        <span>{t("preset")}</span>
        <div className="row">
          {presets.data?.presets.map((preset) => (
            <button key={preset.key} onClick={() => begin(preset)}>
              {say(preset.name)}
            </button>
          ))}
        </div>
      </div>
      <div className="protocol-form">
        <label className="field">
          <span>{t("name")}</span>
          <input value={form.name} maxLength={60} onChange={(event) => change({ ...form, name: event.target.value })} />
        </label>
        <label className="field">
          <span>{t("set")}</span>
          <select value={chosen} onChange={(event) => change({ ...form, set: event.target.value })}>
            {sets.data?.sets.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.rows})
              </option>
            ))}
          </select>
        </label>
      </div>
      {sets.data?.sets.length === 0 && <p className="note warn">{t("no_sets")}</p>}
      <Items items={form.items} onChange={(items) => change({ ...form, items })} />
      <div className="protocol-form">
        <label className="field">
          <span>{t("readers")}</span>
          <input value={form.readers} onChange={(event) => change({ ...form, readers: event.target.value })} />
        </label>
        <label className="field">
          <span>{t("passes")}</span>
          <input type="number" min={1} max={20} value={form.passes} onChange={(event) => change({ ...form, passes: Number(event.target.value) })} />
        </label>
      </div>
      <label className="field inline">
        <input type="checkbox" checked={form.blinded} onChange={(event) => change({ ...form, blinded: event.target.checked })} />
        <span>{t("blinded_about")}</span>
      </label>
      <Fault error={error ?? sets.error ?? presets.error} />
    </Dialog>
  );
}

function Items({ items, onChange }: { items: Item[]; onChange: (items: Item[]) => void }) {
  const t = useText("protocol");
  const put = (place: number, changed: Partial<Item>) => onChange(items.map((item, i) => (i === place ? { ...item, ...changed } : item)));
  const drawn = items.filter((item) => item.kind !== "ratio");
  const add = (kind: ItemKind) => {
    const used = new Set(items.map((item) => item.key));
    const key = [..."abcdefghijklmnopqrstuvwxyz"].find((letter) => !used.has(letter)) ?? `k${items.length}`;
    onChange([...items, { key, name: t(kind), kind, over: [], under: [] }]);
  };
  return (
    <div className="field">
      <span>{t("items")}</span>
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              <th>{t("key")}</th>
              <th>{t("item_name")}</th>
              <th>{t("kind")}</th>
              <th>{t("ratio_of")}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {items.map((item, i) => (
              <tr key={i}>
                <td className="mono">{item.key}</td>
                <td>
                  <input value={item.name} maxLength={60} aria-label={t("item_name")} onChange={(event) => put(i, { name: event.target.value })} />
                </td>
                <td>{t(item.kind)}</td>
                <td>
                  {item.kind === "ratio" && (
                    <span className="row protocol-ratio">
                      <Keys all={drawn} chosen={item.over} label={t("over")} onChange={(over) => put(i, { over })} />
                      <span>/</span>
                      <Keys all={drawn} chosen={item.under} label={t("under")} onChange={(under) => put(i, { under })} />
                    </span>
                  )}
                </td>
                <td className="right">
                  <button className="ghost icon" onClick={() => onChange(items.filter((_, j) => j !== i))} aria-label={t("remove", { name: item.name })}>
                    <Icon name="close" size={16} />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        {[...DRAWN, "ratio" as const].map((kind) => (
          <button key={kind} className="small" onClick={() => add(kind)} disabled={kind === "ratio" && !drawn.length}>
            <Icon name="add" size={14} /> {t(kind)}
          </button>
        ))}
      </div>
    </div>
  );
}

function Keys({ all, chosen, label, onChange }: { all: Item[]; chosen: string[]; label: string; onChange: (keys: string[]) => void }) {
  return (
    <span className="row protocol-keys" role="group" aria-label={label}>
      {all.map((item) => (
        <button key={item.key} className="small mono" aria-pressed={chosen.includes(item.key)} title={item.name} onClick={() => onChange(chosen.includes(item.key) ? chosen.filter((key) => key !== item.key) : [...chosen, item.key])}>
          {item.key}
        </button>
      ))}
    </span>
  );
}

/** The annotations of a data set with how far they are. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ResultTable, type PlainTable } from "../../parts/table";
import { del, get, post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, go } from "../../shell/route";
import type { Annotation } from "./types";

export function AnnotationList({ set }: { set: string }) {
  const t = useText("annotate");
  const sets = useGet<{ sets: { id: string; name: string; rows: number }[] }>("/api/sets");
  const chosen = set || sets.data?.sets[0]?.id || "";
  const { data, error, again } = useGet<{ annotations: Annotation[] }>(chosen ? `/api/annotations/${chosen}` : null);
  const [making, make] = useState(false);
  const [table, show] = useState<PlainTable | null>(null);
  const [fault, fail] = useState<unknown>(null);
  const base = (one: Annotation) => `/api/annotations/${one.set}/${one.id}`;
  const remove = (one: Annotation) => confirm(t("delete_sure", { name: one.name })) && void del(base(one)).then(again, fail);
  const use = (one: Annotation) => post<{ set: string }>(`${base(one)}/use`).then((used) => go(`/data/${used.set}`), fail);
  return (
    <div className="page">
      <div className="row between">
        <label className="field inline">
          <span>{t("set")}</span>
          <select value={chosen} onChange={(event) => go(`/annotate/${event.target.value}`, { replace: true })}>
            {sets.data?.sets.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.rows})
              </option>
            ))}
          </select>
        </label>
        <button className="primary" onClick={() => make(true)} disabled={!chosen}>
          <Icon name="add" size={16} /> {t("new")}
        </button>
      </div>
      <p className="soft">{t("about")}</p>
      <Fault error={sets.error ?? error ?? fault} onClose={fault ? () => fail(null) : undefined} />
      {sets.loading && <Busy />}
      {sets.data?.sets.length === 0 && <p className="note warn">{t("no_sets")}</p>}
      {data?.annotations.length === 0 && (
        <div className="empty">
          <Icon name="annotate" size={40} />
          <p>{t("none")}</p>
        </div>
      )}
      <div className="grid annotate-grid">
        {data?.annotations.map((one) => (
          <article key={one.id} className="card stack">
            <div className="row between">
              <h3>{one.name}</h3>
              <span className="tag on">{t(one.kind)}</span>
            </div>
            <p className="soft">{one.classes.join(" · ")}</p>
            <progress max={one.rows} value={one.done} aria-label={t("progress")} />
            <p className="tiny soft">{t("done_of", { n: one.done, of: one.rows })}</p>
            <div className="row">
              <Go className="button primary small" to={`/annotate/${one.set}/${one.id}`}>
                {t("go_on")}
              </Go>
              <button className="small" onClick={() => void use(one)} disabled={!one.done} title={t(`use_${one.kind}`)}>
                {t("use")}
              </button>
              <button className="small" onClick={() => void get<PlainTable>(`${base(one)}/table`).then(show, fail)}>
                {t("table")}
              </button>
              {one.kind === "boxes" && (
                <a className="button small" href={`${base(one)}/coco`} download>
                  {t("coco")}
                </a>
              )}
              <span className="grow" />
              <button className="ghost icon small" onClick={() => remove(one)} aria-label={t("delete", { name: one.name })}>
                <Icon name="trash" size={16} />
              </button>
            </div>
          </article>
        ))}
      </div>
      {making && <NewAnnotation set={chosen} onClose={() => make(false)} />}
      <Dialog title={t("table")} open={table !== null} onClose={() => show(null)} wide>
        {table && <ResultTable table={table} />}
      </Dialog>
    </div>
  );
}

function NewAnnotation({ set, onClose }: { set: string; onClose: () => void }) {
  const t = useText("annotate");
  const [form, change] = useState({ name: "", kind: "class", classes: "" });
  const [error, fail] = useState<unknown>(null);
  const classes = form.classes.split(/[,、\n]/).map((one) => one.trim()).filter(Boolean);
  const save = () => post<Annotation>(`/api/annotations/${set}`, { ...form, classes }).then((made) => go(`/annotate/${set}/${made.id}`), fail);
  return (
    <Dialog
      title={t("new")}
      open
      onClose={onClose}
      actions={
        <button className="primary" onClick={() => void save()} disabled={!form.name.trim() || !classes.length}>
          {t("begin")}
        </button>
      }
    >
      <label className="field">
        <span>{t("name")}</span>
        <input value={form.name} maxLength={60} onChange={(event) => change({ ...form, name: event.target.value })} />
      </label>
      <fieldset className="annotate-kinds">
        <legend>{t("kind")}</legend>
        {(["class", "boxes", "mask"] as const).map((kind) => (
          <label key={kind} className="field inline">
            <input type="radio" name="kind" checked={form.kind === kind} onChange={() => change({ ...form, kind })} />
            <span>{t(`${kind}_about`)}</span>
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span>{t("classes")}</span>
        <input value={form.classes} placeholder={t("classes_example")} onChange={(event) => change({ ...form, classes: event.target.value })} />
      </label>
      <Fault error={error} />
    </Dialog>
  );
}

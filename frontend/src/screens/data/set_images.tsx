/** The images of a set by their pictures, with the balance of its classes; labels are corrected here. */
import { useEffect, useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { Pages, Thumbnails } from "../../parts/thumbnails";
import { del, post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { Balance } from "./balance";
import type { RowPage, SetWhole } from "./types";

const COUNT = 60;

export function SetImages({ set, onChange }: { set: SetWhole; onChange: () => void }) {
  const t = useText("data");
  const { query } = useRoute();
  const start = Number(query.get("start")) || 0;
  const [column, value, only] = [query.get("column"), query.get("value"), query.get("only")];
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [choosing, setChoosing] = useState(false);
  const [last, setLast] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const filter = (column !== null ? `&column=${encodeURIComponent(column)}&value=${encodeURIComponent(value ?? "")}` : "") + (only ? only.split(",").map((row) => `&only=${row}`).join("") : "");
  const { data, error, loading, again } = useGet<RowPage>(`/api/sets/${set.id}/rows?start=${start}&count=${COUNT}${filter}`);
  useEffect(() => setChosen(new Set()), [filter, start]);
  const label = set.roles.label;
  const rows = useMemo(() => data?.rows ?? [], [data]);
  const press = (address: string, extend: boolean) => {
    const row = Number(address.split(":")[2]);
    if (!choosing) return go(`/viewer?address=${encodeURIComponent(address)}`);
    setChosen((old) => {
      const next = new Set(old);
      const between = extend && last !== null ? rows.map((one) => one.row).filter((one) => one >= Math.min(last, row) && one <= Math.max(last, row)) : [row];
      for (const one of between) extend || !next.has(one) ? next.add(one) : next.delete(one);
      return next;
    });
    setLast(row);
  };
  const done = (work: Promise<unknown>) =>
    work.then(
      () => (setFault(null), setChosen(new Set()), again(), onChange()),
      (error: unknown) => setFault(error),
    );
  const show = (name: string | null) => go(withQuery({ column: name === null ? null : label!, value: name, start: null, only: null }), { replace: true });
  return (
    <div className={label ? "data-split" : "stack"}>
      {label && (
        <aside className="card stack">
          <h3>{t("classes")}</h3>
          <Balance classes={set.balance} chosen={column === label ? value : null} onChoose={show} />
        </aside>
      )}
      <div className="stack">
        <div className="row between">
          <div className="row">
            {(column !== null || only) && (
              <button className="small" onClick={() => go(withQuery({ column: null, value: null, start: null, only: null }), { replace: true })}>
                <Icon name="close" size={14} /> {only ? t("shown_only", { n: only.split(",").length }) : `${column} = ${value || t("empty_cell")}`}
              </button>
            )}
            {label && (
              <button className="small" aria-pressed={choosing} onClick={() => (setChoosing(!choosing), setChosen(new Set()))}>
                <Icon name="edit" size={16} /> {t("fix_labels")}
              </button>
            )}
            {set.fixes > 0 && (
              <button className="small ghost" onClick={() => void done(del(`/api/sets/${set.id}/fixes/last`))}>
                <Icon name="undo" size={16} /> {t("undo_fix", { n: set.fixes })}
              </button>
            )}
          </div>
          {data && <Pages start={start} count={COUNT} total={data.total} onStart={(to) => go(withQuery({ start: to ? String(to) : null }), { replace: true })} />}
        </div>
        {choosing && label && (
          <FixBar
            key={`${chosen.size > 0}`}
            classes={set.balance.map((one) => one.name).filter(Boolean)}
            count={chosen.size}
            onAll={() => setChosen(new Set(rows.map((row) => row.row)))}
            onFix={(to) => void done(post(`/api/sets/${set.id}/fixes`, { fixes: [{ column: label, to, rows: [...chosen] }] }))}
          />
        )}
        <Fault error={error ?? fault} />
        {loading && !data && <Busy />}
        <Thumbnails
          label={t("tab_images")}
          size={128}
          onPress={press}
          chosen={choosing ? new Set([...chosen].map((row) => `set:${set.id}:${row}`)) : undefined}
          images={rows.map((row) => ({ address: row.address, caption: label ? row.cells[label] || t("empty_cell") : `${row.row + 1}`, more: more(row.cells, set, row.row), warn: !!label && !row.cells[label] }))}
        />
      </div>
    </div>
  );
}

function more(cells: Record<string, string>, set: SetWhole, row: number): string {
  const patient = set.roles.patient ? cells[set.roles.patient] : "";
  return [set.roles.label ? String(row + 1) : "", patient].filter(Boolean).join(" · ");
}

function FixBar({ classes, count, onAll, onFix }: { classes: string[]; count: number; onAll: () => void; onFix: (to: string) => void }) {
  const t = useText("data");
  const [other, setOther] = useState("");
  return (
    <div className="note row">
      <span>{t("n_marked", { n: count })}</span>
      <button className="small ghost" onClick={onAll}>
        {t("mark_page")}
      </button>
      <span className="soft">{t("make_them")}</span>
      {classes.slice(0, 8).map((name) => (
        <button key={name} className="small" disabled={!count} onClick={() => onFix(name)}>
          {name}
        </button>
      ))}
      <input value={other} maxLength={200} placeholder={t("other_class")} aria-label={t("other_class")} onChange={(event) => setOther(event.target.value)} />
      <button className="small" disabled={!count || !other.trim()} onClick={() => onFix(other.trim())}>
        {t("apply")}
      </button>
      <button className="small ghost" disabled={!count} onClick={() => onFix("")}>
        {t("remove_label")}
      </button>
    </div>
  );
}

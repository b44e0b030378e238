/** The columns of a set: what stands in them, which part they play, classes renamed, an Excel table joined. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { get, post, put, raw } from "../../shell/api";
import { keep } from "../../parts/keeping";
import { useFormat, useText } from "../../shell/language";
import { JoinTable } from "./join_table";
import type { Column, SetWhole } from "./types";

const PARTS = ["", "label", "value", "patient", "date", "split", "mask"];

export function SetColumns({ set, onChange }: { set: SetWhole; onChange: () => void }) {
  const t = useText("data");
  const [fault, setFault] = useState<unknown>(null);
  const [joining, setJoining] = useState(false);
  const [renaming, setRenaming] = useState<Column | null>(null);
  const done = (work: Promise<unknown>) => work.then(() => (setFault(null), onChange()), setFault);
  const part = (column: Column, role: string) => {
    const roles: Record<string, string | null> = column.role ? { [column.role]: null } : {};
    if (role) roles[role] = column.name;
    void done(put(`/api/sets/${set.id}/roles`, { roles }));
  };
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  return (
    <div className="stack">
      <div className="row">
        <button onClick={() => setJoining(true)}>
          <Icon name="link" size={18} /> {t("join_table")}
        </button>
        <button className="ghost" onClick={() => void raw(`/api/sets/${set.id}/table.xlsx?language=${language}`).then(keep, setFault)}>
          <Icon name="download" size={18} /> Excel
        </button>
        <button className="ghost" onClick={() => void raw(`/api/sets/${set.id}/table.csv?language=${language}`).then(keep, setFault)}>
          <Icon name="download" size={18} /> CSV
        </button>
      </div>
      <Fault error={fault} />
      <div className="table-box">
        <table className="table data-columns">
          <thead>
            <tr>
              <th>{t("column")}</th>
              <th>{t("content")}</th>
              <th className="number">{t("filled")}</th>
              <th>{t("part")}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {set.columns.map((column) => (
              <tr key={column.name}>
                <td>{column.kind === "boxes" ? t("boxes") : column.name}</td>
                <td>
                  <Content column={column} />
                </td>
                <td className="number">
                  {column.filled} / {set.rows}
                </td>
                <td>
                  {column.kind === "boxes" ? (
                    t("use_boxes")
                  ) : (
                    <select value={column.role} aria-label={`${column.name}: ${t("part")}`} onChange={(event) => part(column, event.target.value)}>
                      {PARTS.map((role) => (
                        <option key={role} value={role}>
                          {t(role ? `use_${role}` : "part_none")}
                        </option>
                      ))}
                    </select>
                  )}
                </td>
                <td>
                  {column.kind === "category" && (
                    <button className="small ghost" onClick={() => setRenaming(column)}>
                      {t("rename_values")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {renaming && <Rename set={set} column={renaming} onClose={() => setRenaming(null)} onDone={() => (setRenaming(null), onChange())} />}
      {joining && <JoinTable set={set} onClose={() => setJoining(false)} onDone={() => (setJoining(false), onChange())} />}
    </div>
  );
}

function Content({ column }: { column: Column }) {
  const t = useText("data");
  const format = useFormat();
  if (column.kind === "number") return <span>{t("range", { low: format.number(column.low ?? NaN, 4), high: format.number(column.high ?? NaN, 4) })}</span>;
  if (column.kind !== "category") return <span className="soft">{column.kind === "boxes" ? "" : t("n_different", { n: column.different })}</span>;
  return (
    <>
      {column.levels.slice(0, 8).map(([value, count]) => (
        <span key={value} className="tag data-example">
          {value} <span className="soft">{count}</span>
        </span>
      ))}
      {column.levels.length > 8 && <span className="soft">…</span>}
    </>
  );
}

function Rename({ set, column, onClose, onDone }: { set: SetWhole; column: Column; onClose: () => void; onDone: () => void }) {
  const t = useText("data");
  const [names, setNames] = useState<Record<string, string>>(() => Object.fromEntries(column.levels.map(([value]) => [value, value])));
  const [fault, setFault] = useState<unknown>(null);
  const changed = column.levels.map(([value]) => value).filter((value) => names[value]!.trim() !== value);
  const save = async () => {
    try {
      // by rows, so that two classes can change places
      const fixes = await Promise.all(changed.map(async (value) => ({ column: column.name, to: names[value]!.trim(), rows: await rowsOf(set.id, column.name, value) })));
      await post(`/api/sets/${set.id}/fixes`, { fixes: fixes.filter((fix) => fix.rows.length) });
      onDone();
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Dialog
      title={t("rename_values")}
      open
      onClose={onClose}
      actions={
        <button className="primary" disabled={!changed.length} onClick={() => void save()}>
          {t("save")}
        </button>
      }
    >
      <p className="soft">{t("rename_more")}</p>
      {column.levels.map(([value, count]) => (
        <label key={value} className="field">
          <span>
            {value} ({count})
          </span>
          <input value={names[value]} maxLength={200} onChange={(event) => setNames({ ...names, [value]: event.target.value })} />
        </label>
      ))}
      <Fault error={fault} />
    </Dialog>
  );
}

async function rowsOf(id: string, column: string, value: string): Promise<number[]> {
  const found: number[] = [];
  for (let start = 0; ; start += 500) {
    const page = await get<{ total: number; rows: { row: number; cells: Record<string, string> }[] }>(`/api/sets/${id}/rows?start=${start}&count=500&column=${encodeURIComponent(column)}&value=${encodeURIComponent(value)}`);
    found.push(...page.rows.filter((row) => row.cells[column] === value).map((row) => row.row));
    if (start + 500 >= page.total) return found;
  }
}

/** How a set is divided by patient, as a table to look at and to save. */
import { useEffect, useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { keep, posted } from "../../parts/keeping";
import { ResultTable, type PlainTable } from "../../parts/table";
import { post } from "../../shell/api";
import { useSay, useText, type Say } from "../../shell/language";
import type { SetWhole } from "./types";

interface Divided {
  table: PlainTable;
  notes: Say[];
  patients_known: boolean;
}

export function SetSplit({ set }: { set: SetWhole }) {
  const t = useText("data");
  const say = useSay();
  const [how, setHow] = useState({ kind: set.roles.split ? "official" : "holdout", folds: 5, test_share: 0.2, validation_share: 0.15, seed: 0 });
  const [found, setFound] = useState<Divided | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const key = JSON.stringify(how);
  useEffect(() => {
    const stop = new AbortController();
    post<Divided>(`/api/sets/${set.id}/split`, how, stop.signal).then(
      (made) => (setFound(made), setFault(null)),
      (error: unknown) => (error as Error).name !== "AbortError" && (setFault(error), setFound(null)),
    );
    return () => stop.abort();
  }, [set.id, key]);
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  const save = (kind: string) => void posted(`/api/sets/${set.id}/split.${kind}?language=${language}`, how).then(keep, setFault);
  const share = (name: "test_share" | "validation_share") => (
    <label className="field">
      <span>{t(name)}</span>
      <input type="number" min={0} max={90} step={5} value={Math.round(100 * how[name])} onChange={(event) => setHow({ ...how, [name]: Number(event.target.value) / 100 })} />
    </label>
  );
  return (
    <div className="stack">
      <p className="soft">{t("split_more")}</p>
      <div className="row">
        <label className="field">
          <span>{t("split_kind")}</span>
          <select value={how.kind} onChange={(event) => setHow({ ...how, kind: event.target.value })}>
            <option value="holdout">{t("holdout")}</option>
            <option value="folds">{t("folds")}</option>
            {set.roles.split && <option value="official">{t("official")}</option>}
          </select>
        </label>
        {how.kind === "folds" && (
          <label className="field">
            <span>{t("n_folds")}</span>
            <input type="number" min={2} max={20} value={how.folds} onChange={(event) => setHow({ ...how, folds: Number(event.target.value) })} />
          </label>
        )}
        {how.kind === "holdout" && share("test_share")}
        {share("validation_share")}
        <label className="field">
          <span>{t("seed")}</span>
          <input type="number" value={how.seed} onChange={(event) => setHow({ ...how, seed: Math.trunc(Number(event.target.value)) })} />
        </label>
        <button className="small" disabled={!found} onClick={() => save("csv")}>
          <Icon name="download" size={16} /> {t("split_csv")}
        </button>
        <button className="small" disabled={!found} onClick={() => save("xlsx")}>
          <Icon name="download" size={16} /> {t("split_excel")}
        </button>
      </div>
      <Fault error={fault} />
      {found && !found.patients_known && <p className="note warn">{t("split_no_patients")}</p>}
      {found?.notes.map((note, number) => (
        <p key={number} className="note">
          {say(note)}
        </p>
      ))}
      {found && <ResultTable table={found.table} />}
    </div>
  );
}

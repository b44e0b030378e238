/** What a paper must say of the study; written down when a field is left. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, put } from "../../shell/api";
import { useText } from "../../shell/language";
import { go } from "../../shell/route";
import { leave } from "./current";
import type { StudyWhole } from "./types";

const FIELDS = [
  ["title", 1],
  ["ethics", 1],
  ["period", 1],
  ["exclusions", 3],
  ["notes", 5],
] as const;

type Fact = (typeof FIELDS)[number][0];

export function Facts({ study, onChange }: { study: StudyWhole; onChange: (study: StudyWhole) => void }) {
  const t = useText("study");
  const [saved, setSaved] = useState<Fact | null>(null);
  const [error, fail] = useState<unknown>(null);
  const path = `/api/studies/${encodeURIComponent(study.name)}`;
  const keep = (fact: Fact, value: string) =>
    value !== study[fact] && put<StudyWhole>(path, { [fact]: value }).then((told) => (onChange(told), setSaved(fact), fail(null)), fail);
  const remove = () => confirm(t("delete_sure", { name: study.name })) && del(path).then(() => (leave(study.name), go("/study")), fail);
  return (
    <section className="stack study-facts">
      <Fault error={error} />
      {FIELDS.map(([fact, rows]) => (
        <label key={fact} className="field">
          <span>
            {t(fact)} {saved === fact && <em className="study-saved">{t("saved")}</em>}
          </span>
          {rows === 1 ? (
            <input defaultValue={study[fact]} maxLength={20000} placeholder={t(`${fact}_example`)} onBlur={(event) => void keep(fact, event.target.value)} />
          ) : (
            <textarea defaultValue={study[fact]} rows={rows} maxLength={20000} placeholder={t(`${fact}_example`)} onBlur={(event) => void keep(fact, event.target.value)} />
          )}
        </label>
      ))}
      <div className="row between">
        <span className="soft tiny">
          {t("folder_name")}: {study.name} · {study.created}
        </span>
        <button className="danger small" onClick={() => void remove()}>
          <Icon name="trash" size={16} /> {t("delete")}
        </button>
      </div>
    </section>
  );
}

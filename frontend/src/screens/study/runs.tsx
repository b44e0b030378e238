/** The runs of a study, those that could join it, and the images they were made from. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, post } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { StudyRun, StudyWhole } from "./types";

export function StudyRuns({ study, onChange }: { study: StudyWhole; onChange: (study: StudyWhole) => void }) {
  const t = useText("study");
  const [error, fail] = useState<unknown>(null);
  const path = `/api/studies/${encodeURIComponent(study.name)}/runs`;
  const changed = (work: Promise<StudyWhole>) => void work.then((told) => (onChange(told), fail(null)), fail);
  return (
    <div className="stack">
      <Fault error={error} />
      <section className="stack">
        <h3>{t("runs_in")}</h3>
        <RunTable runs={study.runs} empty={t("no_runs_in")} word={t("take_out")} icon="close" onPress={(run) => changed(del<StudyWhole>(`${path}/${encodeURIComponent(run)}`))} />
      </section>
      <section className="stack">
        <div className="row between">
          <h3>{t("runs_free")}</h3>
          {study.free.length > 1 && (
            <button className="small" onClick={() => changed(post<StudyWhole>(path, { runs: study.free.map((run) => run.id) }))}>
              {t("add_all")}
            </button>
          )}
        </div>
        <RunTable runs={study.free} empty={t("no_runs_free")} word={t("add")} icon="add" onPress={(run) => changed(post<StudyWhole>(path, { runs: [run] }))} />
      </section>
      <StudyData study={study} />
    </div>
  );
}

function RunTable({ runs, empty, word, icon, onPress }: { runs: StudyRun[]; empty: string; word: string; icon: "add" | "close"; onPress: (run: string) => void }) {
  const t = useText("study");
  const say = useSay();
  if (!runs.length) return <p className="soft">{empty}</p>;
  return (
    <div className="table-box">
      <table className="table">
        <thead>
          <tr>
            <th>{t("run")}</th>
            <th>{t("method")}</th>
            <th>{t("state")}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>{run.there ? <Go to={`/results/${run.id}`}>{run.name}</Go> : run.name}</td>
              <td>{say(run.label)}</td>
              <td>{run.there ? say(run.state) : <span className="tag bad">{t("gone")}</span>}</td>
              <td className="right">
                <button className="small ghost" onClick={() => onPress(run.id)} aria-label={`${word}: ${run.name}`}>
                  <Icon name={icon} size={16} /> {word}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StudyData({ study }: { study: StudyWhole }) {
  const t = useText("study");
  const format = useFormat();
  if (!study.data.length) return null;
  return (
    <section className="stack">
      <h3>{t("data")}</h3>
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              <th>{t("data_set")}</th>
              <th className="number">{t("images")}</th>
              <th>{t("here")}</th>
            </tr>
          </thead>
          <tbody>
            {study.data.map((data) => (
              <tr key={data.key}>
                <td>{data.set ? <Go to={`/data/${data.set}`}>{data.name}</Go> : <span className="mono">{data.key}</span>}</td>
                <td className="number">{format.whole(data.rows)}</td>
                <td>{data.linked ? <span className="tag good">{t("linked")}</span> : <span className="tag warn">{t("not_linked")}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft tiny">{t("data_about")}</p>
    </section>
  );
}

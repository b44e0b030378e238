/** The finished runs, the newest first. */
import { useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { RunAbout } from "./types";

export function ResultList() {
  const t = useText("results");
  const say = useSay();
  const format = useFormat();
  const [words, setWords] = useState("");
  const { data, error, loading } = useGet<RunAbout[]>("/api/results");
  const shown = useMemo(() => (data ?? []).filter((run) => `${run.name} ${run.label.ja} ${run.label.en}`.toLowerCase().includes(words.toLowerCase())), [data, words]);
  return (
    <div className="page results-list">
      <Fault error={error} />
      {loading && <Busy />}
      {data?.length === 0 && (
        <div className="empty">
          <Icon name="chart" size={40} />
          <p>{t("none_yet")}</p>
          <div className="row">
            <Go to="/train" className="button primary">
              {t("go_train")}
            </Go>
            <Go to="/measure" className="button">
              {t("go_measure")}
            </Go>
          </div>
        </div>
      )}
      {!!data?.length && (
        <>
          <div className="row between">
            <input type="search" className="results-search" placeholder={t("search")} aria-label={t("search")} value={words} onChange={(event) => setWords(event.target.value)} />
            <Go to="/report" className="button">
              <Icon name="report" size={16} /> {t("to_report")}
            </Go>
          </div>
          <div className="table-box">
            <table className="table">
              <thead>
                <tr>
                  <th>{t("name")}</th>
                  <th>{t("what")}</th>
                  <th className="number">{t("images")}</th>
                  <th>{t("when")}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((run) => (
                  <tr key={run.id}>
                    <td>
                      <Go to={`/results/${encodeURIComponent(run.id)}`}>{run.name}</Go>
                    </td>
                    <td>{say(run.label)}</td>
                    <td className="number">{run.rows || "–"}</td>
                    <td>{run.finished ? format.time(run.finished) : "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}

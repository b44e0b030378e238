/** All reading experiments with how far they are. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { NewExperiment } from "./new_experiment";
import type { Experiment } from "./types";

export function ExperimentList() {
  const t = useText("reading");
  const { data, error, loading } = useGet<{ readings: Experiment[] }>("/api/readings");
  const [making, make] = useState(false);
  return (
    <div className="page">
      <div className="row between">
        <p className="soft">{t("about")}</p>
        <button className="primary" onClick={() => make(true)}>
          <Icon name="add" size={16} /> {t("new")}
        </button>
      </div>
      <Fault error={error} />
      {loading && <Busy />}
      {data?.readings.length === 0 && (
        <div className="empty">
          <Icon name="eye" size={40} />
          <p>{t("none")}</p>
        </div>
      )}
      <div className="grid reading-grid">
        {data?.readings.map((one) => (
          <Go key={one.id} className="card stack" to={`/reading/${one.id}`}>
            <div className="row between">
              <h3>{one.name}</h3>
              <span className="tag on">{t(one.task)}</span>
            </div>
            <p className="soft tiny">{t("size", { cases: one.cases, tests: one.tests.length, readers: one.readers.length })}</p>
            <progress max={sum(one, "total")} value={sum(one, "done")} aria-label={t("progress")} />
            <p className="tiny soft">{t("done_of", { n: sum(one, "done"), of: sum(one, "total") })}</p>
          </Go>
        ))}
      </div>
      {making && <NewExperiment onClose={() => make(false)} />}
    </div>
  );
}

function sum(one: Experiment, what: "done" | "total"): number {
  return one.readers.reduce((total, reader) => total + (reader[what] ?? 0), 0);
}

/** What becomes of the answers: tables, files, and the way to the statistics. */
import { useState } from "react";

import { useCatalog, type Entry } from "../../form";
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ResultTable, type PlainTable } from "../../parts/table";
import { post, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { go } from "../../shell/route";
import type { Experiment, Task } from "./types";

const TABLES = ["answers", "times", "sessions", "cases", "lesions"] as const;
/** The analyses of each task, the usual one first. */
const ANALYSES: Record<Task, string[]> = {
  rating: ["mrmc", "roc", "compare", "cad-vs-readers", "power"],
  marks: ["froc", "lroc", "mrmc", "roc", "power"],
  grading: ["visual-grading", "visual-grading-regression"],
  pair: ["scheffe", "paired-scaling", "preference"],
  rank: ["normalised-rank"],
};
/** The columns of each long table, by which an analysis that takes it is known: its options are called like them. */
const COLUMNS: Record<string, string[]> = { grading: ["reader", "case", "test", "criterion", "grade"], pair: ["reader", "case", "first", "second", "score"], rank: ["reader", "case", "item", "rank"] };

export function Results({ experiment }: { experiment: Experiment }) {
  const t = useText("reading");
  const [kind, choose] = useState<(typeof TABLES)[number]>("answers");
  const { data, error, loading } = useGet<PlainTable>(`/api/readings/${experiment.id}/tables/${kind}`);
  const study = experiment.task === "marks" || (experiment.task === "rating" && experiment.truth !== "");
  return (
    <div className="stack">
      <Analyse experiment={experiment} kind={experiment.task === "rating" || experiment.task === "marks" ? "ReaderStudy" : "Table"} />
      <div className="row">
        <div className="row" role="group" aria-label={t("tables")}>
          {TABLES.filter((one) => one !== "lesions" || experiment.task === "marks").map((one) => (
            <button key={one} className="small" aria-pressed={kind === one} onClick={() => choose(one)}>
              {t(one)}
            </button>
          ))}
        </div>
        <span className="grow" />
        {study && (
          <a className="button small" href={`/api/readings/${experiment.id}/study`} download="reader_study.json">
            <Icon name="download" size={14} /> {t("study_file")}
          </a>
        )}
      </div>
      <Fault error={error} />
      {loading && <Busy />}
      {data && <ResultTable table={data} />}
    </div>
  );
}

/** The analyses that take the answers; one of them is opened with the answers filled in. */
function Analyse({ experiment, kind }: { experiment: Experiment; kind: string }) {
  const t = useText("reading");
  const say = useSay();
  const { entries, loading } = useCatalog();
  const [fault, fail] = useState<unknown>(null);
  const fitting = fit(entries, kind, experiment);
  const open = (entry: Entry) => {
    const input = entry.inputs.find((one) => one.kind === kind)!;
    const columns = Object.fromEntries((COLUMNS[experiment.task] ?? []).map((name) => [name, name]));
    const options = kind === "Table" ? { ...columns, factors: ["test", "reader"], ...(experiment.both_orders ? { variation: "ura" } : {}) } : {};
    const averaged = isAveraged(experiment) && ["scheffe", "normalised-rank"].includes(entry.name);
    post<{ word: string }>(`/api/readings/${experiment.id}/analyse?averaged=${averaged}`).then(({ word }) => {
      const query = new URLSearchParams({ inputs: JSON.stringify({ [input.name]: [word] }), options: JSON.stringify(options) });
      go(`/measure/${entry.room}/${entry.name}?${query}`);
    }, fail);
  };
  return (
    <section className="card stack">
      <h3>{t("analyse")}</h3>
      {isAveraged(experiment) && <p className="soft tiny">{t("averaged_about")}</p>}
      {loading ? <Busy /> : <p className="soft tiny">{t(fitting.length ? "analyse_about" : "analyse_none")}</p>}
      <div className="row">
        {fitting.map((entry) => (
          <button key={entry.name} onClick={() => open(entry)}>
            {say(entry.label)}
          </button>
        ))}
      </div>
      <Fault error={fault} onClose={() => fail(null)} />
    </section>
  );
}

/** Methods that take one judgement of each reader get the mean over the cases. */
const isAveraged = ({ task, tests, cases }: Experiment) => (task === "pair" || task === "rank") && tests.length > 1 && cases > 1;

/** The analyses of the task that this experiment has enough for, in their usual order. */
function fit(entries: Entry[], kind: string, { task, tests, cases, readers, one_mark }: Experiment): Entry[] {
  const compared = tests.length > 1 ? tests.length : cases;
  const unfit = [...(tests.length > 1 ? [] : ["mrmc", "compare", "power"]), ...(tests.length === 2 ? [] : ["visual-grading"]), one_mark ? "froc" : "lroc", compared === 2 ? "scheffe" : "preference", ...(readers.length > 1 ? [] : ["scheffe"])];
  const usual = ANALYSES[task].filter((name) => !unfit.includes(name));
  return usual.flatMap((name) => entries.filter((entry) => entry.room === "stats" && entry.name === name && entry.inputs.some((one) => one.kind === kind)));
}

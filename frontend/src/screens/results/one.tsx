/** One result: contents at the left, sections at the right, everything as the report says it. */
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { ResultFigure } from "../../parts/figure";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { ConfusionMatrix } from "./confusion";
import { Exports } from "./exports";
import { LongTable } from "./long_table";
import { Predictions } from "./predictions";
import { RocPlot } from "./roc";
import { ResultTable } from "../../parts/table";
import type { ConfusionNumbers, Picture, RocNumbers, RunResult, Section } from "./types";

export function OneResult({ run }: { run: string }) {
  const t = useText("results");
  const say = useSay();
  const format = useFormat();
  const { data, error, loading } = useGet<RunResult>(`/api/results/${encodeURIComponent(run)}`);
  return (
    <div className="page results-one">
      <Fault error={error} />
      {loading && <Busy />}
      {data && (
        <>
          <header className="row between">
            <div>
              <h2 className="results-title">{data.name}</h2>
              <p className="soft tiny results-about">
                {say(data.label)}
                {data.finished ? ` · ${format.time(data.finished)}` : ""}
              </p>
            </div>
            <div className="row">
              <Go to={`/report/${encodeURIComponent(run)}`} className="button primary">
                <Icon name="report" size={16} /> {t("report")}
              </Go>
              {data.learned && (
                <Go to={`/try/${encodeURIComponent(run)}`} className="button">
                  <Icon name="try" size={16} /> {t("try")}
                </Go>
              )}
              <Exports run={data} />
            </div>
          </header>
          <div className="results-body">
            <Contents sections={data.sections} />
            <div className="stack results-sections">
              {data.sections.map((section) => (
                <OneSection key={section.key} run={data} section={section} />
              ))}
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function Contents({ sections }: { sections: Section[] }) {
  const t = useText("results");
  const say = useSay();
  return (
    <nav className="results-contents" aria-label={t("contents")}>
      {sections.map((section) => (
        <a key={section.key} href={`#${section.key}`} onClick={(event) => (event.preventDefault(), document.getElementById(section.key)?.scrollIntoView({ behavior: "smooth" }))}>
          {say(section.title)}
        </a>
      ))}
    </nav>
  );
}

function OneSection({ run, section }: { run: RunResult; section: Section }) {
  const t = useText("results");
  const say = useSay();
  return (
    <section id={section.key} className="card results-section" aria-label={say(section.title)}>
      <h2>{say(section.title)}</h2>
      {section.sentences.map((sentence, i) => (
        <p key={i}>{say(sentence)}</p>
      ))}
      {section.warnings.map((warning, i) => (
        <p key={i} className="note warn">
          <strong>{t("caution")}</strong> {say(warning)}
        </p>
      ))}
      {section.pictures.length > 0 && (
        <div className="results-pictures">
          {section.pictures.map((picture) => (
            <OnePicture key={picture.name} run={run} picture={picture} />
          ))}
        </div>
      )}
      {section.tables.map((table, i) => {
        const source = `/api/exports/${encodeURIComponent(run.id)}/table?section=${encodeURIComponent(section.key)}&number=${i}`;
        if (table.classes) return <Predictions key={i} run={run.id} section={section.key} number={i} source={source} first={table} />;
        if (table.rows.length < (table.total ?? 0)) return <LongTable key={i} run={run.id} section={section.key} number={i} source={source} first={table} />;
        return <ResultTable key={i} table={table} source={source} />;
      })}
    </section>
  );
}

function OnePicture({ run, picture }: { run: RunResult; picture: Picture }) {
  const type = picture.numbers?.type;
  if (type === "roc") return <RocPlot run={run.id} picture={picture} numbers={picture.numbers as RocNumbers} />;
  if (type === "confusion") return <ConfusionMatrix run={run} picture={picture} numbers={picture.numbers as ConfusionNumbers} />;
  return <ResultFigure run={run.id} picture={picture} />;
}

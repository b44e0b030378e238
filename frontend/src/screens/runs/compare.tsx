/** Several runs side by side: their curves, their numbers, what differs in their settings, and the paired tests. */
import { useEffect, useState } from "react";

import { Busy } from "../../parts/busy";
import { Chart, type Line } from "../../parts/chart";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ResultTable, type Cell, type PlainTable } from "../../parts/table";
import { get } from "../../shell/api";
import { useFormat, useSay, useText, type Say } from "../../shell/language";
import { Go, go } from "../../shell/route";
import { CostPlot } from "./cost";
import { mean, namesOf, taken, type Series } from "./series";
import type { RunDetail, Told } from "./types";
import { StateTag, useEstimate, useValueName } from "./words";

export interface Compared {
  run: RunDetail;
  series: Series[];
}

interface Tests {
  sections: { key: string; title: Say; sentences: Say[]; tables: PlainTable[] }[];
}

async function read(id: string): Promise<Compared> {
  const where = `/api/runs/${encodeURIComponent(id)}`;
  const [run, told] = await Promise.all([get<RunDetail>(where), get<Told>(`${where}/events?since=0`)]);
  return { run, series: taken([], told.events) };
}

export function Comparison({ ids }: { ids: string[] }) {
  const t = useText("runs");
  const [found, set] = useState<Compared[] | null>(null);
  const [error, fail] = useState<unknown>(null);
  const wanted = ids.join(",");
  useEffect(() => {
    let stale = false;
    Promise.all(wanted.split(",").map(read)).then(
      (all) => stale || set(all),
      (problem: unknown) => stale || fail(problem),
    );
    return () => {
      stale = true;
    };
  }, [wanted]);
  return (
    <div className="page">
      <Go to="/runs" className="runs-back">
        <Icon name="left" size={14} /> {t("all_runs")}
      </Go>
      <h2>{t("comparison", { n: ids.length })}</h2>
      <Fault error={error} />
      {!found && !error && <Busy />}
      {found && (
        <>
          <Legend found={found} ids={ids} />
          <Overlaid found={found} />
          <Numbers found={found} />
          <CostPlot found={found} />
          <Differences found={found} />
          <PairedTests found={found} />
        </>
      )}
    </div>
  );
}

const colourOf = (place: number) => (place % 6) + 1;

function Legend({ found, ids }: { found: Compared[]; ids: string[] }) {
  const t = useText("runs");
  const leave = (id: string) => go(ids.length > 1 ? `/runs?compare=${ids.filter((one) => one !== id).join(",")}` : "/runs");
  return (
    <ul className="runs-legend">
      {found.map(({ run }, place) => (
        <li key={run.id} className="card row">
          <span className="runs-swatch" style={{ background: `var(--series-${colourOf(place)})` }} />
          <Go to={`/runs/${run.id}`}>{run.name}</Go>
          <StateTag run={run} />
          <button className="ghost icon small" onClick={() => leave(run.id)} aria-label={t("leave_out", { name: run.name })}>
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Overlaid({ found }: { found: Compared[] }) {
  const t = useText("runs");
  const nameOf = useValueName();
  const names = namesOf(found.flatMap((one) => one.series)).filter((name) => name !== "learning_rate");
  if (!names.length) return <p className="soft">{t("no_curves")}</p>;
  return (
    <section className="card runs-curves">
      {names.map((name) => (
        <Chart key={name} title={nameOf(name)} xLabel={t("epoch")} lines={found.flatMap((one, place) => lines(one, place, name))} />
      ))}
    </section>
  );
}

/** The mean over the folds; where a run compared several networks, one line for each. */
function lines({ run, series }: Compared, place: number, name: string): Line[] {
  const networks = [...new Set(series.map((one) => one.network))];
  return networks.flatMap((network, which) => {
    const y = mean(series.filter((one) => one.network === network), name);
    if (y.every((value) => value === null)) return [];
    const label = network ? `${run.name} ${network}` : run.name;
    return [{ name: `${run.id}/${network}`, label, x: y.map((_, i) => i + 1), y, colour: networks.length > 1 ? colourOf(place + which) : colourOf(place), dashed: name.startsWith("validation_") }];
  });
}

function Numbers({ found }: { found: Compared[] }) {
  const t = useText("runs");
  const format = useFormat();
  const nameOf = useValueName();
  const write = useEstimate();
  const names = [...new Set(found.flatMap(({ run }) => run.values.map((value) => value.name)))].filter((name) => name !== "learning_rate");
  const estimates = [...new Map(found.flatMap(({ run }) => run.headline.map((one) => [one.name.en, one.name] as const))).values()];
  const number = (value: number | undefined): Cell => (value === undefined ? null : [value, format.number(value, 4)]);
  const rows = found.map(({ run }): Cell[] => [
    run.name,
    ...estimates.map((name): Cell => {
      const one = run.headline.find((own) => own.name.en === name.en);
      return one ? [one.value, write(one)] : null;
    }),
    ...names.flatMap((name) => {
      const value = run.values.find((own) => own.name === name);
      return [number(value?.best), number(value?.last)];
    }),
    run.seconds === null ? null : [run.seconds, format.duration(run.seconds)],
  ]);
  const headings = [t("name"), ...estimates, ...names.flatMap((name) => [`${nameOf(name)} ${t("best")}`, `${nameOf(name)} ${t("last")}`]), t("column_seconds")];
  return (
    <div className="runs-numbers">
      <ResultTable table={{ title: t("numbers"), headings, rows }} />
    </div>
  );
}

function Differences({ found }: { found: Compared[] }) {
  const t = useText("runs");
  const say = useSay();
  const [all, showAll] = useState(false);
  const labels = new Map(found.flatMap(({ run }) => run.recipe.map((line) => [line.name, line.label] as const)));
  const word = (run: RunDetail, name: string): string => {
    const value = run.recipe.find((line) => line.name === name)?.value;
    return value === undefined ? "–" : typeof value === "boolean" ? t(value ? "yes" : "no") : typeof value === "object" ? say(value) : String(value);
  };
  const names = [...labels.keys()].filter((name) => all || new Set(found.map(({ run }) => word(run, name))).size > 1);
  const rows = names.map((name): Cell[] => [labels.get(name)!, ...found.map(({ run }) => word(run, name))]);
  const tools = (
    <label className="row runs-check">
      <input type="checkbox" checked={all} onChange={(event) => showAll(event.target.checked)} /> {t("same_too")}
    </label>
  );
  return <ResultTable table={{ title: t("differences"), headings: [t("setting"), ...found.map(({ run }) => run.name)], rows }} tools={tools} />;
}

function PairedTests({ found }: { found: Compared[] }) {
  const t = useText("runs");
  const say = useSay();
  const [tests, set] = useState<Tests | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [asked, ask] = useState(false);
  const finished = found.filter(({ run }) => run.state === "finished").map(({ run }) => run.id);
  const wanted = finished.length > 1 ? finished.map((id) => `run=${encodeURIComponent(id)}`).join("&") : "";
  useEffect(() => {
    if (!wanted) return;
    ask(true);
    get<Tests>(`/api/results/compared?${wanted}`).then(set, fail);
  }, [wanted]);
  return (
    <section className="stack">
      <h3>{t("tests")}</h3>
      {!wanted && <p className="soft">{t("tests_need_two")}</p>}
      {asked && !tests && !error && <Busy small />}
      <Fault error={error} />
      {tests?.sections.map((section) => (
        <div key={section.key} className="stack">
          {section.sentences.map((sentence, i) => (
            <p key={i}>{say(sentence)}</p>
          ))}
          {section.tables.map((table, i) => (
            <ResultTable key={i} table={table} />
          ))}
        </div>
      ))}
    </section>
  );
}

/** One run: where it is, how it learns, and what it was made from. A reload, another window or a new server shows the same. */
import { useEffect, useState } from "react";

import { Busy } from "../../parts/busy";
import { Chart } from "../../parts/chart";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { Progress } from "../../parts/progress";
import { get, put, useGet } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { RunActions } from "./actions";
import { useRun } from "./follow";
import { grouped, linesOf, namesOf, type Series } from "./series";
import { underWay, type Run, type RunDetail, type RunEvent } from "./types";
import { StateTag, useEstimate, useValueName } from "./words";

export function OneRun({ id }: { id: string }) {
  const t = useText("runs");
  const { run, series, notes, error, again } = useRun(id);
  const { data: detail, again: reread } = useGet<RunDetail>(`/api/runs/${encodeURIComponent(id)}`);
  const changed = () => {
    again();
    reread();
  };
  return (
    <div className="page">
      <Go to="/runs" className="runs-back">
        <Icon name="left" size={14} /> {t("all_runs")}
      </Go>
      <Fault error={error} />
      {!run && !error && <Busy />}
      {run && (
        <>
          <Heading run={run} onChange={changed} />
          <RunActions run={run} studies={detail?.studies ?? []} onChange={changed} />
          <Standing run={run} />
          <Curves run={run} series={series} />
          <div className="runs-two">
            <div className="stack">
              <Numbers run={run} />
              <Notes notes={notes} />
            </div>
            <div className="stack">
              <Note run={run} />
              <Settings detail={detail} />
            </div>
          </div>
          <Log id={id} />
        </>
      )}
    </div>
  );
}

function Heading({ run, onChange }: { run: Run; onChange: () => void }) {
  const t = useText("runs");
  const say = useSay();
  const format = useFormat();
  const [name, setName] = useState<string | null>(null);
  const [error, fail] = useState<unknown>(null);
  const keep = async () => {
    if (name !== null && name.trim() !== run.name) await put(`/api/runs/${encodeURIComponent(run.id)}`, { name }).then(onChange, fail);
    setName(null);
  };
  return (
    <header className="stack runs-heading">
      <div className="row">
        {name === null ? (
          <>
            <h2>{run.name}</h2>
            <button className="ghost icon" onClick={() => setName(run.name)} aria-label={t("rename")} title={t("rename")}>
              <Icon name="edit" size={16} />
            </button>
          </>
        ) : (
          <input className="runs-name" value={name} maxLength={100} autoFocus aria-label={t("name")} onChange={(event) => setName(event.target.value)} onBlur={() => void keep()} onKeyDown={(event) => (event.key === "Enter" ? void keep() : event.key === "Escape" && setName(null))} />
        )}
        <StateTag run={run} />
        {run.archived && <span className="tag">{t("archived")}</span>}
      </div>
      <p className="soft">
        {say(run.title)} · {run.rows > 0 && (
          <>
            {run.set ? <Go to={`/data/${run.set}`}>{run.data}</Go> : run.data} · {t("n_images", { n: format.whole(run.rows) })} ·{" "}
          </>
        )}
        {format.time(run.started)}
      </p>
      <Fault error={error} onClose={() => fail(null)} />
    </header>
  );
}

function Standing({ run }: { run: Run }) {
  const t = useText("runs");
  const say = useSay();
  const format = useFormat();
  if (run.state === "failed") {
    return (
      <div className="note bad" role="alert">
        <p>
          {say(run.error)} <span className="mono tiny">{run.code}</span>
        </p>
        <p className="soft">{t("failed_about")}</p>
      </div>
    );
  }
  if (run.state === "stopped" || run.state === "cancelled") return <p className="note warn">{t(`${run.state}_about`)}</p>;
  if (run.state === "queued") return <p className="note">{t("queued_about")}</p>;
  if (run.state === "starting") return <p className="note">{t("starting_about")}</p>;
  if (!underWay(run)) return null;
  const facts = [
    run.network,
    run.epoch === null ? "" : run.epochs === null ? t("epoch_n", { n: run.epoch }) : t("epoch_n_of", { n: Math.min(run.epoch, run.epochs), of: run.epochs }),
  ];
  return (
    <section className="card runs-standing" aria-live="off">
      <Progress share={run.share} label={say(run.stage)}>
        <b className="runs-stage">{say(run.stage)}</b>
        <span>{facts.filter(Boolean).join(" · ")}</span>
        <span className="grow" />
        {run.seconds !== null && <span>{t("elapsed", { time: format.duration(run.seconds) })}</span>}
        <b>{run.left_s === null ? t("left_unknown") : t("left", { time: format.duration(run.left_s) })}</b>
      </Progress>
      {run.silent_s !== null && run.silent_s > 20 && <p className="note warn">{t("silent", { time: format.duration(run.silent_s) })}</p>}
    </section>
  );
}

function Curves({ run, series }: { run: Run; series: Series[] }) {
  const t = useText("runs");
  const nameOf = useValueName();
  if (!series.length && (!run.task.startsWith("learn/") || run.state === "finished")) return null;
  const { losses, others } = grouped(namesOf(series));
  const label = (name: string, network: string) => (network ? `${network} ${nameOf(name)}` : nameOf(name));
  const folds = new Set(series.map((one) => one.fold)).size;
  return (
    <section className="card stack">
      <div className="runs-curves">
        <Chart title={t("losses")} xLabel={t("epoch")} lines={linesOf(series, losses.length ? losses : ["loss", "validation_loss"], label)} empty={t("no_curves")} />
        <Chart title={t("accuracy")} xLabel={t("epoch")} lines={linesOf(series, others.length ? others : ["validation_accuracy"], label)} empty={t("no_curves")} />
      </div>
      {folds > 1 && <p className="soft tiny">{t("mean_of_folds", { n: folds })}</p>}
    </section>
  );
}

function Numbers({ run }: { run: Run }) {
  const t = useText("runs");
  const say = useSay();
  const format = useFormat();
  const nameOf = useValueName();
  const write = useEstimate();
  const shown = run.values.filter((value) => value.name !== "learning_rate");
  if (!shown.length && !run.headline.length) return null;
  return (
    <section className="card stack">
      {run.headline.length > 0 && (
        <>
          <h3>{t("test_values")}</h3>
          <dl className="runs-facts">
            {run.headline.map((one) => (
              <div key={one.name.en}>
                <dt>{say(one.name)}</dt>
                <dd>{write(one)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {shown.length > 0 && (
        <>
          <h3>{t("training_values")}</h3>
          <table className="table runs-values">
            <thead>
              <tr>
                <th scope="col">{t("value")}</th>
                <th scope="col" className="number">
                  {t("best")}
                </th>
                <th scope="col" className="number">
                  {t("at_epoch")}
                </th>
                <th scope="col" className="number">
                  {t("last")}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((value) => (
                <tr key={value.name}>
                  <td>{nameOf(value.name)}</td>
                  <td className="number">{format.number(value.best, 4)}</td>
                  <td className="number">{value.best_epoch}</td>
                  <td className="number">{format.number(value.last, 4)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function Notes({ notes }: { notes: RunEvent[] }) {
  const t = useText("runs");
  const say = useSay();
  if (!notes.length) return null;
  return (
    <section className="card stack">
      <h3>{t("told")}</h3>
      <ul className="runs-told">
        {notes.map((event, i) => (
          <li key={i}>{say(event.note)}</li>
        ))}
      </ul>
    </section>
  );
}

function Note({ run }: { run: Run }) {
  const t = useText("runs");
  const [text, setText] = useState(run.note);
  const [kept, setKept] = useState(false);
  const [error, fail] = useState<unknown>(null);
  useEffect(() => setText(run.note), [run.note]);
  const keep = () => {
    if (text.trim() === run.note) return;
    put(`/api/runs/${encodeURIComponent(run.id)}`, { note: text }).then(() => setKept(true), fail);
  };
  return (
    <section className="card stack">
      <label className="field">
        <span>
          {t("note")} {kept && <span className="runs-kept">{t("kept")}</span>}
        </span>
        <textarea rows={3} value={text} maxLength={10000} onChange={(event) => (setText(event.target.value), setKept(false))} onBlur={keep} />
      </label>
      <Fault error={error} onClose={() => fail(null)} />
    </section>
  );
}

function Settings({ detail }: { detail: RunDetail | undefined }) {
  const t = useText("runs");
  const say = useSay();
  if (!detail) return null;
  const word = (value: RunDetail["recipe"][number]["value"]) => (typeof value === "boolean" ? t(value ? "yes" : "no") : typeof value === "object" ? say(value) : String(value));
  return (
    <details className="card">
      <summary>
        <b>{t("settings")}</b> <span className="soft tiny">{t("made_with", { version: detail.version })}</span>
      </summary>
      <table className="table runs-settings">
        <tbody>
          {detail.recipe.map((line) => (
            <tr key={line.name}>
              <th scope="row">{say(line.label)}</th>
              <td>{word(line.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Log({ id }: { id: string }) {
  const t = useText("runs");
  const [text, setText] = useState<string | null>(null);
  const read = () => get<{ text: string }>(`/api/runs/${encodeURIComponent(id)}/log`).then((log) => setText(log.text), () => setText(""));
  return (
    <details className="card" onToggle={(event) => event.currentTarget.open && void read()}>
      <summary>
        <b>{t("log")}</b>
      </summary>
      <pre className="runs-log">{text === null ? "…" : text || t("log_empty")}</pre>
    </details>
  );
}

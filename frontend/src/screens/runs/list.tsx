/** All runs: found, sorted, chosen and compared. How the list is arranged is kept for the next time. */
import { useEffect, useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { put, useGet } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import { Deleting } from "./actions";
import { arranged, COLUMNS, keptColumns, keepColumns, type Column } from "./columns";
import { underWay, type Run } from "./types";
import { StateTag, useEstimate, useValueName } from "./words";

const ASK_AGAIN_MS = 2500;

export function RunList() {
  const t = useText("runs");
  const { query } = useRoute();
  const { data, error, loading, again } = useGet<{ runs: Run[] }>("/api/runs");
  const [chosen, choose] = useState<string[]>([]);
  const [columns, setColumns] = useState<Column[]>(keptColumns);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || again(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  const shown = useMemo(() => arranged(data?.runs ?? [], query), [data, query]);
  const there = chosen.filter((id) => data?.runs.some((run) => run.id === id));
  const change = (next: Column[]) => (setColumns(next), keepColumns(next));
  if (loading && !data) return <Busy />;
  return (
    <div className="page">
      <Fault error={error} />
      {data?.runs.length === 0 && (
        <div className="empty">
          <p>{t("none_yet")}</p>
          <Go to="/train" className="button primary">
            {t("to_training")}
          </Go>
        </div>
      )}
      {data && data.runs.length > 0 && (
        <>
          <Filters runs={data.runs} columns={columns} onColumns={change} />
          <Chosen runs={data.runs.filter((run) => there.includes(run.id))} onDone={() => (choose([]), again())} />
          <Rows runs={shown} columns={columns} chosen={there} onChoose={choose} />
        </>
      )}
    </div>
  );
}

function Filters({ runs, columns, onColumns }: { runs: Run[]; columns: Column[]; onColumns: (columns: Column[]) => void }) {
  const t = useText("runs");
  const say = useSay();
  const { query } = useRoute();
  const set = (name: string, value: string) => go(withQuery({ [name]: value || null }), { replace: true });
  const states = [...new Map(runs.map((run) => [run.state, run.word])).entries()];
  const tasks = [...new Map(runs.map((run) => [run.task, run.title])).entries()];
  return (
    <div className="row runs-filters">
      <input type="search" placeholder={t("search")} aria-label={t("search")} value={query.get("find") ?? ""} onChange={(event) => set("find", event.target.value)} />
      <select aria-label={t("state")} value={query.get("state") ?? ""} onChange={(event) => set("state", event.target.value)}>
        <option value="">{t("every_state")}</option>
        {states.map(([state, word]) => (
          <option key={state} value={state}>
            {say(word)}
          </option>
        ))}
      </select>
      <select aria-label={t("task")} value={query.get("task") ?? ""} onChange={(event) => set("task", event.target.value)}>
        <option value="">{t("every_task")}</option>
        {tasks.map(([task, title]) => (
          <option key={task} value={task}>
            {say(title)}
          </option>
        ))}
      </select>
      <label className="row runs-check">
        <input type="checkbox" checked={query.get("archived") === "1"} onChange={(event) => set("archived", event.target.checked ? "1" : "")} /> {t("show_archived")}
      </label>
      <span className="grow" />
      <details className="runs-columns">
        <summary className="ghost">{t("columns")}</summary>
        <div className="card stack">
          {COLUMNS.map((column) => (
            <label key={column} className="row runs-check">
              <input type="checkbox" checked={columns.includes(column)} onChange={(event) => onColumns(COLUMNS.filter((one) => (one === column ? event.target.checked : columns.includes(one))))} /> {t(`column_${column}`)}
            </label>
          ))}
        </div>
      </details>
    </div>
  );
}

function Chosen({ runs, onDone }: { runs: Run[]; onDone: () => void }) {
  const t = useText("runs");
  const [asking, ask] = useState(false);
  const [error, fail] = useState<unknown>(null);
  if (!runs.length) return <p className="soft tiny runs-hint">{t("choose_hint")}</p>;
  const archived = runs.every((run) => run.archived);
  const archive = () => Promise.all(runs.map((run) => put(`/api/runs/${encodeURIComponent(run.id)}`, { archived: !archived }))).then(onDone, fail);
  return (
    <div className="row runs-chosen">
      <b>{t("n_chosen", { n: runs.length })}</b>
      <button className="primary" disabled={runs.length < 2} onClick={() => go(`/runs?compare=${runs.map((run) => run.id).join(",")}`)}>
        <Icon name="chart" size={16} /> {t("compare")}
      </button>
      <button onClick={() => void archive()}>{archived ? t("unarchive") : t("archive")}</button>
      <button className="danger" onClick={() => ask(true)}>
        <Icon name="trash" size={16} /> {t("delete")}
      </button>
      <button className="ghost" onClick={onDone}>
        {t("choose_none")}
      </button>
      <Fault error={error} onClose={() => fail(null)} />
      <Deleting runs={runs} open={asking} onClose={() => ask(false)} onDone={() => (ask(false), onDone())} />
    </div>
  );
}

function Rows({ runs, columns, chosen, onChoose }: { runs: Run[]; columns: Column[]; chosen: string[]; onChoose: (ids: string[]) => void }) {
  const t = useText("runs");
  const { query } = useRoute();
  const by = query.get("by");
  const falling = query.get("falling") === "1";
  const sort = (column: string) => go(withQuery({ by: column, falling: by === column && !falling ? "1" : null }), { replace: true });
  const all = runs.length > 0 && runs.every((run) => chosen.includes(run.id));
  return (
    <div className="table-box">
      <table className="table runs-table">
        <thead>
          <tr>
            <th className="runs-tick">
              <input type="checkbox" aria-label={t("choose_all")} checked={all} onChange={() => onChoose(all ? [] : runs.map((run) => run.id))} />
            </th>
            {(["name", ...columns] as (Column | "name")[]).map((column) => (
              <th key={column} aria-sort={by === column ? (falling ? "descending" : "ascending") : undefined} className={NUMBERS.includes(column) ? "number" : undefined}>
                <button className="runs-sort" onClick={() => sort(column)}>
                  {t(`column_${column}`)}
                  <span aria-hidden="true">{by === column ? (falling ? " ▾" : " ▴") : ""}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id} aria-selected={chosen.includes(run.id) || undefined}>
              <td className="runs-tick">
                <input type="checkbox" aria-label={t("choose", { name: run.name })} checked={chosen.includes(run.id)} onChange={(event) => onChoose(event.target.checked ? [...chosen, run.id] : chosen.filter((id) => id !== run.id))} />
              </td>
              <td className="runs-named">
                <Go to={`/runs/${run.id}`}>{run.name}</Go>
                {run.archived && <span className="tag">{t("archived")}</span>}
              </td>
              {columns.map((column) => (
                <td key={column} className={NUMBERS.includes(column) ? "number" : undefined}>
                  <Cell run={run} column={column} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {runs.length === 0 && <p className="soft runs-nothing">{t("none_match")}</p>}
    </div>
  );
}

const NUMBERS: (Column | "name")[] = ["seconds", "best", "last"];

function Cell({ run, column }: { run: Run; column: Column }) {
  const t = useText("runs");
  const say = useSay();
  const format = useFormat();
  const nameOf = useValueName();
  const write = useEstimate();
  const watched = run.values.find((value) => value.name === "validation_loss") ?? run.values[0];
  if (column === "state") {
    return (
      <div className="runs-state">
        <StateTag run={run} />
        {underWay(run) && run.share !== null && <progress max={1} value={run.share} aria-label={say(run.stage)} />}
        {run.left_s !== null && <span className="soft tiny">{t("left", { time: format.duration(run.left_s) })}</span>}
      </div>
    );
  }
  if (column === "task") return <>{say(run.title)}</>;
  if (column === "data") return <span className="runs-data">{run.data || "–"}</span>;
  if (column === "started") return <span className="runs-time">{format.time(run.started)}</span>;
  if (column === "seconds") return <>{run.seconds === null ? "–" : format.duration(run.seconds)}</>;
  if (column === "result") return run.headline[0] ? <span title={say(run.headline[0].name)}>{`${say(run.headline[0].name)} ${write(run.headline[0])}`}</span> : <>–</>;
  if (column === "note") return <span className="runs-note">{run.note}</span>;
  return watched ? <span title={nameOf(watched.name)}>{format.number(column === "best" ? watched.best : watched.last)}</span> : <>–</>;
}

/** One experiment for who leads it: readers, packs and returns, results. */
import { useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { keep, posted } from "../../parts/keeping";
import { Tabs } from "../../parts/tabs";
import { del, post, useGet } from "../../shell/api";
import { useFormat, useText } from "../../shell/language";
import { Go, go } from "../../shell/route";
import { Results } from "./results";
import type { Experiment, ReaderShort } from "./types";

export function ExperimentPage({ id }: { id: string }) {
  const t = useText("reading");
  const { data, error, again } = useGet<Experiment>(`/api/readings/${id}`);
  const [tab, choose] = useState<"readers" | "results">("readers");
  const [fault, fail] = useState<unknown>(null);
  if (!data) return <div className="page">{error ? <Fault error={error} /> : <Busy />}</div>;
  const remove = () => confirm(t("delete_sure", { name: data.name })) && void del(`/api/readings/${id}`).then(() => go("/reading"), fail);
  return (
    <div className="page">
      <div className="row">
        <Go to="/reading" className="tiny">
          {t("list")}
        </Go>
        <span className="grow" />
        <button className="ghost small" onClick={remove}>
          <Icon name="trash" size={16} /> {t("delete")}
        </button>
      </div>
      <header className="stack">
        <div className="row">
          <h2>{data.name}</h2>
          <span className="tag on">{t(data.task)}</span>
        </div>
        <p className="soft">
          {t("size", { cases: data.cases, tests: data.tests.length, readers: data.readers.length })}
          {data.training > 0 && ` · ${t("training_size", { n: data.training })}`}
          {tab === "results" && data.tests.length > 1 && ` · ${data.tests.join(" / ")}`}
          {data.washout_days > 0 && ` · ${t("washout_size", { n: data.washout_days })}`}
        </p>
      </header>
      <Fault error={fault} onClose={() => fail(null)} />
      <Tabs label={data.name} chosen={tab} onChoose={choose} tabs={[{ name: "readers", text: t("readers_tab") }, { name: "results", text: t("results_tab") }]} />
      {tab === "readers" ? <Readers experiment={data} onChanged={again} /> : <Results experiment={data} />}
    </div>
  );
}

/** What became of one return file. */
interface Told {
  text: string;
  good: boolean;
}

function Readers({ experiment, onChanged }: { experiment: Experiment; onChanged: () => void }) {
  const t = useText("reading");
  const [fault, fail] = useState<unknown>(null);
  const [merged, tell] = useState<Told[]>([]);
  const chooser = useRef<HTMLInputElement>(null);
  const merge = async (files: FileList | null) => {
    fail(null);
    const said: Told[] = [];
    for (const file of files ?? []) {
      try {
        const made = await post<{ name: string; new: number; done: number; total: number }>(`/api/readings/${experiment.id}/returns`, { content: await file.text() });
        const text = t(made.new ? "merged" : "merged_before", { name: made.name, n: made.new, done: made.done, of: made.total });
        said.push({ text: made.done < made.total ? `${text} ${t("merged_part")}` : text, good: made.done === made.total });
      } catch (problem) {
        said.push({ text: t("not_merged", { file: file.name }), good: false });
        fail(problem);
      }
    }
    tell(said);
    onChanged();
  };
  const pack = (reader: ReaderShort) => {
    fail(null);
    posted(`/api/readings/${experiment.id}/packs/${reader.number}`, {}).then((file) => (keep(file), onChanged()), fail);
  };
  return (
    <>
      <Fault error={fault} onClose={() => fail(null)} />
      {merged.map((line, n) => (
        <p key={n} className={line.good ? "note good" : "note warn"}>
          {line.text}
        </p>
      ))}
      <div className="table-box">
        <table className="table reading-readers">
          <thead>
            <tr>
              <th>{t("reader")}</th>
              <th>{t("progress")}</th>
              <th>{t("session")}</th>
              <th className="number">{t("minutes")}</th>
              <th>{t("last")}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {experiment.readers.map((reader) => (
              <OneReader key={reader.number} experiment={experiment} reader={reader} onPack={() => pack(reader)} />
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        <input ref={chooser} type="file" accept=".json" multiple hidden onChange={(event) => void merge(event.target.files).then(() => (event.target.value = ""))} />
        <button onClick={() => chooser.current?.click()}>
          <Icon name="upload" size={16} /> {t("merge")}
        </button>
        <span className="soft tiny grow">{t("pack_about")}</span>
      </div>
    </>
  );
}

function OneReader({ experiment, reader, onPack }: { experiment: Experiment; reader: ReaderShort; onPack: () => void }) {
  const t = useText("reading");
  const format = useFormat();
  const out = experiment.packs?.some((pack) => pack.reader === reader.number);
  return (
    <tr>
      <td>{reader.name}</td>
      <td>
        <progress max={reader.total} value={reader.done} aria-label={t("progress")} />
        <span className="tiny soft">{t("done_of", { n: reader.done, of: reader.total })}</span>
      </td>
      <td>{t("session_of", { n: reader.session + 1, of: reader.sessions })}</td>
      <td className="number">{(reader.seconds / 60).toFixed(1)}</td>
      <td>{reader.last ? format.time(reader.last) : "–"}</td>
      <td>
        <div className="row reading-actions">
          <Go className={reader.next === null ? "button small" : "button small primary"} to={`/reading/${experiment.id}/${reader.number}`}>
            {t(reader.next === null ? "look" : reader.done ? "go_on" : "begin")}
          </Go>
          <button className="small" onClick={onPack} disabled={reader.done > 0}>
            <Icon name="download" size={14} /> {t("pack")}
          </button>
          {out && <span className="tag">{t("pack_out")}</span>}
        </div>
      </td>
    </tr>
  );
}

/** Try a trained network on other images: what it says, how sure it is, where it looked. */
import { useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { PickImages } from "../../parts/pick_images";
import { ResultTable, type Cell } from "../../parts/table";
import { keep } from "../../parts/keeping";
import { raw, useGet } from "../../shell/api";
import { useFormat, useSay, useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import type { RunAbout } from "../results/types";
import { HeatView } from "./heat_view";
import { useJudged, type Job, type Judged } from "./judging";
import "./try.css";

export default function Try() {
  const t = useText("try");
  const { parts, query } = useRoute();
  const { data: models, error } = useGet<RunAbout[]>("/api/predict/models");
  const run = parts[0] ?? models?.[0]?.id ?? null;
  const images = useMemo(() => query.getAll("image"), [query]);
  const asked = query.get("go") === "1";
  const choose = (addresses: string[]) => go(addressOf(run, addresses), { replace: true });
  const judged = useJudged(asked ? run : null, asked ? images : []);
  if (models?.length === 0)
    return (
      <div className="empty">
        <Icon name="try" size={40} />
        <p>{t("no_model")}</p>
        <Go to="/train" className="button primary">
          {t("go_train")}
        </Go>
      </div>
    );
  return (
    <div className="page try">
      <Fault error={error} />
      <div className="card try-choose">
        <ModelChoice models={models ?? []} run={run} onRun={(next) => go(addressOf(next, images), { replace: true })} />
        <div className="field">
          <span>{t("images")}</span>
          <PickImages many value={images} onChange={choose} />
        </div>
        <button className="primary" disabled={!run || !images.length || judged.busy} onClick={() => go(withQuery({ go: "1" }), { replace: true })}>
          <Icon name="play" size={16} /> {t("judge")}
        </button>
      </div>
      <Fault error={judged.error} />
      {judged.busy && <Waiting job={judged.job} />}
      {judged.outcome && <Answer key={images.join()} images={images} judged={judged.outcome} job={judged.job?.id ?? ""} />}
    </div>
  );
}

function addressOf(run: string | null, images: string[]): string {
  const query = images.map((one) => `image=${encodeURIComponent(one)}`).join("&");
  return `/try${run ? `/${encodeURIComponent(run)}` : ""}${query ? `?${query}` : ""}`;
}

function ModelChoice({ models, run, onRun }: { models: RunAbout[]; run: string | null; onRun: (run: string) => void }) {
  const t = useText("try");
  const say = useSay();
  const format = useFormat();
  return (
    <label className="field">
      <span>{t("model")}</span>
      <select value={run ?? ""} onChange={(event) => onRun(event.target.value)}>
        {models.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} ({say(one.label)}
            {one.finished ? `, ${format.time(one.finished)}` : ""})
          </option>
        ))}
      </select>
    </label>
  );
}

function Waiting({ job }: { job: Job | null }) {
  const t = useText("try");
  return (
    <div className="card stack" role="status">
      <p className="row">
        <Busy small /> {job?.total ? t("judging", { done: job.done ?? 0, total: job.total }) : t("starting")}
      </p>
      <progress max={job?.total || 1} value={job?.total ? (job.done ?? 0) : undefined} />
    </div>
  );
}

function Answer({ images, judged, job }: { images: string[]; judged: Judged; job: string }) {
  const t = useText("try");
  const say = useSay();
  const [at, setAt] = useState(0);
  const [heat, setHeat] = useState(true);
  const [least, setLeast] = useState(judged.threshold ?? 0);
  const [fault, fail] = useState<unknown>(null);
  const { family, made } = judged;
  const overlaid = judged.heat[at] ?? (family === "segment" && made[at]);
  const take = (kind: string) => raw(`/api/predict/${job}/made/${at}?kind=${kind}`).then(keep, fail);
  const step = (by: -1 | 1) => setAt((now) => Math.min(images.length - 1, Math.max(0, now + by)));
  const row = judged.table.rows.find((one) => one[0] === at + 1);
  return (
    <>
      {judged.notes.map((note, i) => (
        <p key={i} className="note warn">
          {say(note)}
        </p>
      ))}
      <div className="try-answer">
        <section className="card stack" aria-label={t("image_n", { n: at + 1 })}>
          <header className="row between">
            <h3>{t("image_n", { n: at + 1 })}</h3>
            <div className="row">
              <button className="ghost icon" disabled={at === 0} onClick={() => step(-1)} aria-label={t("back")}>
                <Icon name="left" size={16} />
              </button>
              <button className="ghost icon" disabled={at === images.length - 1} onClick={() => step(1)} aria-label={t("on")}>
                <Icon name="right" size={16} />
              </button>
            </div>
          </header>
          <HeatView address={images[at]!} judged={judged} at={at} show={heat} least={least} onNeighbour={step} />
          {row && family === "classify" && <Probabilities row={row} headings={judged.table.headings.map((heading) => say(heading))} />}
          {overlaid && (
            <label className="field inline">
              <input type="checkbox" checked={heat} onChange={(event) => setHeat(event.target.checked)} /> {t(made[at] ? "show_mask" : "show_heat")}
            </label>
          )}
          {judged.threshold !== null && (
            <label className="field">
              <span>{t("least", { score: least.toFixed(2), n: (judged.boxes[at] ?? []).filter((box) => box[4]! >= least).length })}</span>
              <input type="range" min={0} max={1} step={0.01} value={least} onChange={(event) => setLeast(Number(event.target.value))} />
            </label>
          )}
          {judged.heat[at] && <p className="soft tiny">{t(family === "classify" ? "heat_caution" : "heat_caution_value")}</p>}
          {made[at] && (
            <div className="row">
              {(family === "segment" ? ["png", "nii.gz", "seg"] : ["tif", "png"]).map((kind) => (
                <button key={kind} className="small" onClick={() => void take(kind)}>
                  <Icon name="download" size={14} /> {t(kind)}
                </button>
              ))}
            </div>
          )}
          <Fault error={fault} onClose={() => fail(null)} />
        </section>
        <section className="stack">
          <ResultTable table={judged.table} onRow={(chosen) => setAt(Number(chosen[0]) - 1)} chosen={(one) => Number(one[0]) === at + 1} />
          <p className="note">{t("research")}</p>
        </section>
      </div>
    </>
  );
}

/** What was said, and how probable each class is. */
function Probabilities({ row, headings }: { row: Cell[]; headings: string[] }) {
  const t = useText("try");
  if (row[1] === null) return <p className="note bad">{t("unreadable")}</p>;
  return (
    <div className="try-said">
      <p>
        {t("said")} <b>{String(row[1])}</b>
      </p>
      {row.slice(2).map((cell, i) => {
        const share = Array.isArray(cell) ? (cell[0] ?? 0) : Number(cell);
        return (
          <div key={i} className="try-bar">
            <span>{headings[i + 2]}</span>
            <meter min={0} max={1} value={share} aria-label={headings[i + 2]} />
            <span className="mono">{share.toFixed(3)}</span>
          </div>
        );
      })}
    </div>
  );
}

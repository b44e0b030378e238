/** Before a session, during a break, at the end. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { useFormat, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { ReaderView } from "./types";

export function Waiting({ view, what, onBegin }: { view: ReaderView; what: "begin" | "break" | "finished"; onBegin: (facts: { monitor: string; ambient: string }) => Promise<void> }) {
  const t = useText("reading");
  const format = useFormat();
  const [facts, change] = useState(view.environment);
  const [fault, fail] = useState<unknown>(null);
  const now = view.standing;
  const closed = what === "begin" && now.opens * 1000 > Date.now();
  return (
    <div className="page reading-waiting">
      <header className="stack">
        <h2>{view.name}</h2>
        <p className="soft">
          {t("reader")}: {view.reader_name} · {t("session_of", { n: now.session + 1, of: now.sessions })} · {t("done_of", { n: now.done, of: now.total })}
        </p>
      </header>
      <progress max={now.total} value={now.done} aria-label={t("progress")} />
      {what === "finished" && <p className="note good">{t("finished")}</p>}
      {what === "break" && <p className="note">{t("break", { n: view.break_minutes })}</p>}
      {closed && <p className="note warn">{t("opens", { when: format.time(now.opens) })}</p>}
      {what === "begin" && !closed && (
        <>
          <p>{t(`${view.task}_how`)}</p>
          <p className="soft">{t("keys")}</p>
          <label className="field">
            <span>{t("monitor")}</span>
            <input value={facts.monitor} maxLength={200} onChange={(event) => change({ ...facts, monitor: event.target.value })} />
          </label>
          <label className="field">
            <span>{t("ambient")}</span>
            <input value={facts.ambient} maxLength={200} onChange={(event) => change({ ...facts, ambient: event.target.value })} />
          </label>
        </>
      )}
      <div className="row">
        {what !== "finished" && !closed && (
          <button className="primary" onClick={() => void onBegin(facts).catch(fail)}>
            {t(what === "break" ? "go_on" : "begin")}
          </button>
        )}
        <Go className="button" to={`/reading/${view.id}`}>
          {t("leave")}
        </Go>
      </div>
      <Fault error={fault} />
    </div>
  );
}

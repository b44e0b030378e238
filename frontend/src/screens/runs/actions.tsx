/** What can be done with a run: cancel, go on, repeat, archive, delete. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, post, put } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, go } from "../../shell/route";
import { underWay, type Run } from "./types";

interface Given {
  run: Run;
  studies: string[];
  onChange: () => void;
}

export function RunActions({ run, studies, onChange }: Given) {
  const t = useText("runs");
  const [busy, setBusy] = useState(false);
  const [asking, ask] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const where = `/api/runs/${encodeURIComponent(run.id)}`;
  const act = async <T,>(work: () => Promise<T>, then: (answer: T) => void = onChange) => {
    setBusy(true);
    fail(null);
    try {
      then(await work());
    } catch (problem) {
      fail(problem);
    }
    setBusy(false);
  };
  const resumable = run.state === "stopped" || run.state === "cancelled" || run.state === "failed";
  return (
    <>
      <div className="row runs-actions">
        {run.state === "finished" && (
          <Go to={`/results/${run.id}`} className="button primary">
            <Icon name="chart" size={16} /> {t("results")}
          </Go>
        )}
        {run.state === "made" && (
          <button className="primary" disabled={busy} onClick={() => void act(() => post(`${where}/launch`))}>
            <Icon name="play" size={16} /> {t("start")}
          </button>
        )}
        {resumable && (
          <button className="primary" disabled={busy} onClick={() => void act(() => post(`${where}/resume`))}>
            <Icon name="play" size={16} /> {t("resume")}
          </button>
        )}
        {underWay(run) && (
          <button className="danger" disabled={busy || run.cancelling} onClick={() => void act(() => post(`${where}/cancel`))}>
            <Icon name="stop" size={16} /> {run.cancelling ? t("cancelling") : t("cancel")}
          </button>
        )}
        {underWay(run) && run.task === "learn/search-networks" && (
          <button disabled={busy || run.cancelling} title={t("finish_now_about")} onClick={() => void act(() => post(`/api/design/search/${encodeURIComponent(run.id)}/finish`))}>
            <Icon name="check" size={16} /> {t("finish_now")}
          </button>
        )}
        {run.task.startsWith("learn/") && run.rows > 0 && (
          <Go to={`/train?like=${run.id}`} className="button">
            <Icon name="sliders" size={16} /> {t("change_settings")}
          </Go>
        )}
        <button disabled={busy} onClick={() => void act(() => post<Run>(`${where}/repeat`), (made) => go(`/runs/${made.id}`))}>
          <Icon name="redo" size={16} /> {t("repeat")}
        </button>
        <button disabled={busy} onClick={() => void act(() => put(where, { archived: !run.archived }))}>
          {run.archived ? t("unarchive") : t("archive")}
        </button>
        <button className="ghost" onClick={() => ask(true)} aria-label={t("delete")} title={t("delete")}>
          <Icon name="trash" size={16} />
        </button>
      </div>
      <Fault error={error} onClose={() => fail(null)} />
      <Deleting runs={[run]} studies={studies} open={asking} onClose={() => ask(false)} onDone={() => go("/runs")} />
    </>
  );
}

/** Asks before runs are deleted for good. */
export function Deleting({ runs, studies = [], open, onClose, onDone }: { runs: Run[]; studies?: string[]; open: boolean; onClose: () => void; onDone: () => void }) {
  const t = useText("runs");
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const remove = async () => {
    setBusy(true);
    fail(null);
    try {
      for (const run of runs) await del(`/api/runs/${encodeURIComponent(run.id)}`);
      onDone();
    } catch (problem) {
      fail(problem);
    }
    setBusy(false);
  };
  const actions = (
    <>
      <button onClick={onClose}>{t("keep")}</button>
      <button className="danger" disabled={busy} onClick={() => void remove()}>
        <Icon name="trash" size={16} /> {busy ? t("deleting") : t("delete")}
      </button>
    </>
  );
  return (
    <Dialog title={t("delete_title")} open={open} onClose={onClose} actions={actions}>
      <p>{t("delete_about", { n: runs.length })}</p>
      <ul className="runs-plain">
        {runs.slice(0, 8).map((run) => (
          <li key={run.id}>{run.name}</li>
        ))}
        {runs.length > 8 && <li>…</li>}
      </ul>
      {runs.some(underWay) && <p className="note warn">{t("delete_going")}</p>}
      {studies.length > 0 && <p className="note warn">{t("delete_studies", { names: studies.join(", ") })}</p>}
      <Fault error={error} />
    </Dialog>
  );
}

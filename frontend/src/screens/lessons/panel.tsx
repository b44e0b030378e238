/** The lesson docked beside the real screens. It stays while the user works, and looks by itself whether a step is done. */
import { useEffect, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { dock, useDocked } from "./active";
import { CodeDialog } from "./code_dialog";
import { useFollow, type Following } from "./follow";
import { StepCard } from "./step_card";
import type { LessonWhole, StepProgress } from "./types";
import "./lessons.css";

const NEXT_MS = 1200;

export default function LessonPanel() {
  const docked = useDocked();
  return docked ? <Docked key={docked} name={docked} /> : null;
}

function Docked({ name }: { name: string }) {
  const t = useText("lessons");
  const say = useSay();
  const { data, error } = useGet<LessonWhole>(`/api/lessons/${encodeURIComponent(name)}`);
  const [small, setSmall] = useState(false);
  const following = useFollow(name);
  if (small) {
    return (
      <aside className="lesson-panel small" aria-label={t("panel")}>
        <button className="ghost icon" onClick={() => setSmall(false)} aria-label={t("wide")} title={t("wide")}>
          <Icon name="left" />
        </button>
        <span className="lesson-upright">{say(data?.title)}</span>
      </aside>
    );
  }
  return (
    <aside className="lesson-panel" aria-label={t("panel")}>
      <header>
        <h2>{say(data?.title)}</h2>
        <button className="ghost icon" onClick={() => setSmall(true)} aria-label={t("narrow")} title={t("narrow")}>
          <Icon name="right" />
        </button>
        <button className="ghost icon" onClick={() => dock("")} aria-label={t("leave")} title={t("leave")}>
          <Icon name="close" />
        </button>
      </header>
      <Fault error={error} />
      <Fault error={following.error} onClose={following.forgive} />
      {data && following.progress ? <Steps lesson={data} following={following} /> : !error && <Busy />}
    </aside>
  );
}

function Steps({ lesson, following }: { lesson: LessonWhole; following: Following }) {
  const t = useText("lessons");
  const say = useSay();
  const progress = following.progress!;
  const [open, setOpen] = useState(progress.current);
  const [coded, setCoded] = useState(false);
  const done = progress.steps.filter((step) => step.state === "done").length;
  useFollowCurrent(lesson, progress.current, setOpen);
  return (
    <>
      <div className="lesson-share">
        <progress max={progress.steps.length} value={done} aria-label={t("n_done", { done, all: progress.steps.length })} />
        <span className="tiny soft">{t("n_done", { done, all: progress.steps.length })}</span>
      </div>
      <ol className="lesson-steps">
        {lesson.texts.map((step, i) => {
          const now = progress.steps[i]!;
          return (
            <li key={step.id} className={`lesson-step ${now.state.replace(" ", "-")}`}>
              <button className="lesson-step-title" aria-expanded={open === step.id} onClick={() => setOpen(open === step.id ? "" : step.id)}>
                <Sign now={now} number={i + 1} />
                <span>{say(step.title)}</span>
                {now.helped && <span className="tag">{t("helped")}</span>}
              </button>
              {open === step.id && <StepCard lesson={lesson.name} step={step} now={now} current={progress.current === step.id || now.state === "under way"} following={following} onNext={progress.current && step.question ? () => setOpen(progress.current) : null} />}
            </li>
          );
        })}
      </ol>
      {!progress.current && done === progress.steps.length && <p className="note good">{t("all_done")}</p>}
      <footer className="row between">
        <button className="small" onClick={() => setCoded(true)}>
          <Icon name="copy" size={16} /> {t("code")}
        </button>
        <button className="small ghost" onClick={() => confirm(t("anew_sure")) && following.anew()}>
          {t("anew")}
        </button>
      </footer>
      <CodeDialog open={coded} onClose={() => setCoded(false)} following={following} />
    </>
  );
}

/** When a step gets done the next one opens by itself; after a question the reader says when, to read the explanation in peace. */
function useFollowCurrent(lesson: LessonWhole, current: string, setOpen: (id: string) => void): void {
  const [seen, setSeen] = useState(current);
  const asked = Boolean(lesson.texts.find((step) => step.id === seen)?.question);
  useEffect(() => {
    if (current === seen) return undefined;
    const timer = setTimeout(() => (setSeen(current), current && !asked && setOpen(current)), NEXT_MS);
    return () => clearTimeout(timer);
  }, [current, seen, asked, setOpen]);
}

function Sign({ now, number }: { now: StepProgress; number: number }) {
  const t = useText("lessons");
  const word = t(`state_${now.state.replace(" ", "_")}`);
  return (
    <span className="lesson-sign" title={word}>
      {now.state === "done" ? <Icon name="check" size={16} /> : now.state === "under way" ? <span className="busy-dot" /> : number}
      <span className="visually-hidden">{word}</span>
    </span>
  );
}

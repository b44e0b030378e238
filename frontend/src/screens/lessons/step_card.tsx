/** One step of a lesson in the panel: its text, where it is done, its question, what is missing, hints and help. */
import { useEffect, useState } from "react";

import { Icon } from "../../parts/icons";
import { Markdown } from "./markdown";
import { useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { Following } from "./follow";
import type { StepProgress, StepText } from "./types";

interface Given {
  lesson: string;
  step: StepText;
  now: StepProgress;
  current: boolean;
  following: Following;
  onNext: (() => void) | null;
}

export function StepCard({ lesson, step, now, current, following, onNext }: Given) {
  const say = useSay();
  const t = useText("lessons");
  const here = location.pathname === now.screen.split("?")[0];
  return (
    <div className="lesson-step-body">
      <Markdown text={say(step.text)} pictures={`/api/lessons/${encodeURIComponent(lesson)}/pictures`} />
      {!now.screen.startsWith("/lessons") && (!here || now.screen.includes("?")) && (
        <Go to={now.screen} className={current && !here ? "button primary" : "button ghost"}>
          <Icon name="right" size={16} /> {here ? t("screen_again") : t("open_screen")}
        </Go>
      )}
      {step.question && <Question step={step} now={now} onAnswer={(choice) => following.answer(step.id, choice)} />}
      {onNext && now.state === "done" && (
        <button className="primary" onClick={onNext}>
          {t("next")}
        </button>
      )}
      {current && now.state !== "done" && <Missing now={now} step={step} following={following} />}
    </div>
  );
}

function Question({ step, now, onAnswer }: { step: StepText; now: StepProgress; onAnswer: (choice: number) => void }) {
  const say = useSay();
  const [picked, pick] = useState(now.choice); // shown at once; the server says a moment later whether it is right
  useEffect(() => pick(now.choice), [now.choice]);
  const look = (i: number) => (now.choice !== i || picked !== i ? "lesson-choice" : now.right ? "lesson-choice correct" : "lesson-choice wrong");
  return (
    <fieldset className="lesson-question">
      <legend>{say(step.question!.question)}</legend>
      {step.question!.choices.map((choice, i) => (
        <label key={i} className={look(i)}>
          <input type="radio" name={`lesson-${step.id}`} checked={picked === i} onChange={() => (pick(i), onAnswer(i))} />
          <span>{say(choice)}</span>
        </label>
      ))}
      {now.because && <p className="note good">{say(now.because)}</p>}
    </fieldset>
  );
}

function Missing({ now, step, following }: { now: StepProgress; step: StepText; following: Following }) {
  const say = useSay();
  const t = useText("lessons");
  return (
    <>
      {now.missing.length > 0 && (
        <ul className={now.state === "under way" ? "lesson-missing busy-list" : "lesson-missing"} aria-live="polite">
          {now.missing.map((text, i) => (
            <li key={i}>{say(text)}</li>
          ))}
        </ul>
      )}
      <div className="row">
        <button className="small" onClick={following.check}>
          <Icon name="check" size={16} /> {t("check")}
        </button>
        {step.repairable && (
          <button className="small ghost" onClick={() => following.repair(step.id)} disabled={following.helping || now.state === "under way"} title={t("repair_about")}>
            {following.helping ? t("repairing") : t("repair")}
          </button>
        )}
      </div>
      {step.hints.length > 0 && (
        <details className="lesson-hints">
          <summary>{t("hints")}</summary>
          <ul>
            {step.hints.map((hint, i) => (
              <li key={i}>{say(hint)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

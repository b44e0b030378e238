/** A lesson before it is begun: what it is about, its steps, where its images come from. */
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { Go, go } from "../../shell/route";
import { dock, useDocked } from "./active";
import type { LessonProgress, LessonWhole } from "./types";
import { useState } from "react";

export function LessonPage({ name }: { name: string }) {
  const t = useText("lessons");
  const { data, error } = useGet<LessonWhole>(`/api/lessons/${encodeURIComponent(name)}`);
  return (
    <div className="page lesson-page">
      <Go to="/lessons" className="lesson-back">
        <Icon name="left" size={16} /> {t("all_lessons")}
      </Go>
      <Fault error={error} />
      {data ? <About lesson={data} /> : !error && <Busy />}
    </div>
  );
}

function About({ lesson }: { lesson: LessonWhole }) {
  const t = useText("lessons");
  const say = useSay();
  const docked = useDocked() === lesson.name;
  const [error, fail] = useState<unknown>(null);
  const begin = () =>
    post<LessonProgress>(`/api/lessons/${encodeURIComponent(lesson.name)}/begin`).then((progress) => {
      dock(lesson.name);
      go(progress.steps.find((step) => step.id === progress.current)?.screen ?? `/lessons/${lesson.name}`);
    }, fail);
  return (
    <>
      <h2>{say(lesson.title)}</h2>
      <p>{say(lesson.summary)}</p>
      <div className="row">
        <button className="primary" onClick={() => void begin()}>
          <Icon name="play" size={16} /> {lesson.begun || docked ? t("go_on") : t("begin")}
        </button>
        <span className="soft">{t("n_minutes", { n: lesson.minutes })}</span>
      </div>
      <Fault error={error} />
      <section className="card">
        <h3>{t("steps")}</h3>
        <ol className="lesson-outline">
          {lesson.texts.map((step) => (
            <li key={step.id}>{say(step.title)}</li>
          ))}
        </ol>
      </section>
      {lesson.data && (
        <section className="note">
          <h4>{t("data")}</h4>
          <p>{say(lesson.data.source)}</p>
          <p className="soft">{say(lesson.data.terms)}</p>
        </section>
      )}
    </>
  );
}

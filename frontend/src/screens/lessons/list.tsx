import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ApiError, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { useDocked } from "./active";
import type { LessonShort } from "./types";

interface Listed {
  lessons: LessonShort[];
  spoiled: { name: string; error: { code: string; ja: string; en: string } }[];
}

export function LessonList() {
  const t = useText("lessons");
  const { data, error } = useGet<Listed>("/api/lessons");
  return (
    <div className="page">
      <div className="row between">
        <p className="soft">{t("about")}</p>
        <Go to="/lessons/teacher" className="button">
          <Icon name="study" size={16} /> {t("teacher")}
        </Go>
      </div>
      <Fault error={error} />
      {!data && !error && <Busy />}
      <div className="lesson-cards">{data?.lessons.map((lesson) => <Card key={lesson.name} lesson={lesson} />)}</div>
      {data?.spoiled.map((one) => (
        <section key={one.name} className="stack">
          <h3>{t("spoiled", { name: one.name })}</h3>
          <Fault error={new ApiError(one.error.code, one.error, 400)} />
        </section>
      ))}
      <p className="soft tiny">{t("own_about")}</p>
    </div>
  );
}

function Card({ lesson }: { lesson: LessonShort }) {
  const t = useText("lessons");
  const say = useSay();
  const docked = useDocked();
  return (
    <Go to={`/lessons/${encodeURIComponent(lesson.name)}`} className="card lesson-card">
      <div className="row between">
        <h3>{say(lesson.title)}</h3>
        {docked === lesson.name && <span className="tag on">{t("docked")}</span>}
      </div>
      <p className="soft">{say(lesson.summary)}</p>
      <div className="row lesson-card-facts">
        <span className="tag">{t("n_steps", { n: lesson.steps })}</span>
        <span className="tag">{t("n_minutes", { n: lesson.minutes })}</span>
        {lesson.own && <span className="tag on">{t("own")}</span>}
        {lesson.begun && <span className={lesson.done === lesson.steps ? "tag good" : "tag"}>{t("n_done", { done: lesson.done, all: lesson.steps })}</span>}
      </div>
    </Go>
  );
}

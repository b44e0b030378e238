/** The studies of the workspace, a new one, and one from a colleague. */
import { useState, type FormEvent } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { Go, go } from "../../shell/route";
import { current } from "./current";
import { TakeIn } from "./take_in";
import type { StudyLine } from "./types";

export function StudyList() {
  const t = useText("study");
  const { data, error, again } = useGet<{ studies: StudyLine[] }>("/api/studies");
  return (
    <div className="page">
      <p className="soft">{t("about")}</p>
      <Fault error={error} />
      {!data && !error && <Busy />}
      {data?.studies.length === 0 && <p className="note">{t("none")}</p>}
      <div className="study-cards">{data?.studies.map((study) => <Card key={study.name} study={study} />)}</div>
      <div className="study-begin">
        <NewStudy />
        <TakeIn onTaken={again} />
      </div>
    </div>
  );
}

function Card({ study }: { study: StudyLine }) {
  const t = useText("study");
  const say = useSay();
  return (
    <Go to={`/study/${encodeURIComponent(study.name)}`} className="card study-card">
      <div className="row between">
        <h3>{study.title || study.name}</h3>
        {current() === study.name && <span className="tag on">{t("current")}</span>}
      </div>
      {study.error ? (
        <p className="note bad">{say(study.error)}</p>
      ) : (
        <p className="soft">{[study.title && study.name, study.created, t("n_runs", { n: study.runs })].filter(Boolean).join(" · ")}</p>
      )}
    </Go>
  );
}

function NewStudy() {
  const t = useText("study");
  const [name, setName] = useState("");
  const [error, fail] = useState<unknown>(null);
  const make = (event: FormEvent) => {
    event.preventDefault();
    post<{ name: string }>("/api/studies", { name }).then((made) => go(`/study/${encodeURIComponent(made.name)}`), fail);
  };
  return (
    <form className="card stack" onSubmit={make}>
      <h3>{t("new")}</h3>
      <label className="field">
        <span>{t("name")}</span>
        <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </label>
      <Fault error={error} />
      <div className="row">
        <button className="primary" disabled={!name.trim()}>
          <Icon name="add" size={16} /> {t("make")}
        </button>
      </div>
    </form>
  );
}

/** The reporting checklist: what is in the paper already, and what gazo can say of it. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { put } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import type { AnswerState, Item, StudyWhole } from "./types";

export function Checklist({ study, onChange }: { study: StudyWhole; onChange: (study: StudyWhole) => void }) {
  const t = useText("study");
  const say = useSay();
  const [error, fail] = useState<unknown>(null);
  const answer = (key: string, given: { state?: AnswerState; text?: string }) =>
    void put<StudyWhole>(`/api/studies/${encodeURIComponent(study.name)}/checklist`, { answers: { [key]: given } }).then((told) => (onChange(told), fail(null)), fail);
  const parts = [...new Map(study.checklist.map((item) => [item.part.en, item.part])).values()];
  const done = study.checklist.filter((item) => item.state !== "open").length;
  return (
    <div className="stack">
      <p className="soft tiny">{say(study.citation)}</p>
      <div className="study-share">
        <progress max={study.checklist.length} value={done} aria-label={t("n_answered", { done, all: study.checklist.length })} />
        <span className="soft">{t("n_answered", { done, all: study.checklist.length })}</span>
      </div>
      <Fault error={error} />
      {parts.map((part) => (
        <section key={part.en} className="card study-part">
          <h3>{say(part)}</h3>
          {study.checklist.filter((item) => item.part.en === part.en).map((item) => (
            <Row key={`${item.key} ${item.answer}`} item={item} study={study} onAnswer={answer} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Row({ item, study, onAnswer }: { item: Item; study: StudyWhole; onAnswer: (key: string, given: { state?: AnswerState; text?: string }) => void }) {
  const t = useText("study");
  const say = useSay();
  const keep = (text: string) => text !== item.answer && onAnswer(item.key, { text, ...(text && item.state === "open" ? { state: "reported" as const } : {}) });
  return (
    <div className={`study-item ${item.state.replace(" ", "-")}`}>
      <div>
        <p>
          {say(item.text)} <span className="tag">{item.source}</span>
        </p>
        {item.known && (
          <p className="study-known">
            <span className="soft tiny">{t("known")}</span> {say(item.known)}
            {say(item.known) !== item.answer && (
              <button className="small ghost" onClick={() => onAnswer(item.key, { text: say(item.known), state: "reported" })}>
                {t("use")}
              </button>
            )}
          </p>
        )}
      </div>
      <select value={item.state} aria-label={`${t("state")}: ${say(item.text)}`} onChange={(event) => onAnswer(item.key, { state: event.target.value as AnswerState })}>
        {study.answers.map((one) => (
          <option key={one.state} value={one.state}>
            {say(one.text)}
          </option>
        ))}
      </select>
      <textarea rows={2} defaultValue={item.answer} maxLength={5000} aria-label={`${t("answer")}: ${say(item.text)}`} placeholder={t("answer_example")} onBlur={(event) => void keep(event.target.value)} />
    </div>
  );
}

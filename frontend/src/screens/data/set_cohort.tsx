/** Conditions built by clicks, who is left out at each, and a new set of those who stay. */
import { useEffect, useState } from "react";

import { Fault } from "../../parts/fault";
import { keep } from "../../parts/keeping";
import { Icon } from "../../parts/icons";
import { post, raw } from "../../shell/api";
import { useText } from "../../shell/language";
import { go } from "../../shell/route";
import { ConditionLine, fits, opening } from "./condition";
import { FlowDiagram } from "./flow";
import type { Condition, Flow, SetWhole } from "./types";

export function SetCohort({ set }: { set: SetWhole }) {
  const t = useText("data");
  const [conditions, setConditions] = useState<Condition[]>([]);
  const [flow, setFlow] = useState<Flow | null>(null);
  const [name, setName] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const ready = conditions.filter(fits);
  const key = JSON.stringify(ready);
  useEffect(() => {
    const stop = new AbortController();
    post<Flow>(`/api/sets/${set.id}/cohort/preview`, { conditions: ready }, stop.signal).then(
      (found) => (setFlow(found), setFault(null)),
      (error: unknown) => (error as Error).name !== "AbortError" && (setFault(error), setFlow(null)),
    );
    return () => stop.abort();
  }, [set.id, key]);
  const change = (number: number, to: Condition | null) => setConditions((old) => old.flatMap((one, n) => (n === number ? (to ? [to] : []) : [one])));
  const columns = set.columns.filter((column) => column.role !== "mask" && column.kind !== "boxes");
  const view = columns.find((column) => /view|撮影方向/i.test(column.name) && column.levels.some(([value]) => value === "PA"));
  const add = (condition: Condition) => setConditions((old) => [...old, condition]);
  const make = () => post<{ id: string }>(`/api/sets/${set.id}/cohort`, { conditions: ready, name: name.trim() || t("cohort_of", { name: set.name }) }).then(({ id }) => go(`/data/${id}?tab=cohort`), setFault);
  return (
    <div className="stack">
      {set.exclusions.conditions && <Made set={set} />}
      <p className="soft">{t("cohort_more")}</p>
      <div className="data-cohort">
        <div className="stack">
          {conditions.map((condition, number) => (
            <ConditionLine key={number} columns={columns} condition={condition} onChange={(to) => change(number, to)} />
          ))}
          <div className="row">
            <button onClick={() => add(opening(columns))} disabled={!columns.length}>
              <Icon name="add" size={16} /> {t("add_condition")}
            </button>
            {view && (
              <button className="ghost small" onClick={() => add({ sign: "=", column: view.name, values: ["PA"] })}>
                {t("only_pa")}
              </button>
            )}
            {set.roles.patient && set.roles.date && (
              <button className="ghost small" onClick={() => add({ sign: "first", column: "", values: [] })}>
                {t("first_exam")}
              </button>
            )}
            {set.roles.patient && (
              <button className="ghost small" onClick={() => add({ sign: "one", column: "", values: [] })}>
                {t("one_image")}
              </button>
            )}
            {set.roles.label && (
              <button className="ghost small" onClick={() => add({ sign: "filled", column: set.roles.label!, values: [] })}>
                {t("labelled_only")}
              </button>
            )}
          </div>
          <Fault error={fault} />
          <div className="row data-make">
            <label className="field grow">
              <span>{t("set_name")}</span>
              <input value={name} maxLength={100} placeholder={t("cohort_of", { name: set.name })} onChange={(event) => setName(event.target.value)} />
            </label>
            <button className="primary" disabled={!ready.length || !flow} onClick={() => void make()}>
              {t("make_set")}
            </button>
          </div>
        </div>
        {flow && <FlowDiagram flow={flow} />}
      </div>
    </div>
  );
}

/** The way to this very set, as a figure to print. */
function Made({ set }: { set: SetWhole }) {
  const t = useText("data");
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  const file = (kind: string) => void raw(`/api/sets/${set.id}/flow.${kind}?language=${language}`).then(keep, () => undefined);
  return (
    <section className="card stack">
      <div className="row between">
        <h3>{t("made_by")}</h3>
        <div className="row">
          {["png", "svg", "pdf"].map((kind) => (
            <button key={kind} className="small" onClick={() => file(kind)}>
              <Icon name="download" size={16} /> {kind.toUpperCase()}
            </button>
          ))}
        </div>
      </div>
      <img className="data-flow-figure" src={`/api/sets/${set.id}/flow.svg?language=${language}`} alt={t("made_by")} />
    </section>
  );
}

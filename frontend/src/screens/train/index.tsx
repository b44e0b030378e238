/** Training: what shall be learned, from which images, with which settings; checked before it starts. */
import { useEffect } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { OptionForm, useCatalog } from "../../form";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { Data } from "./data";
import { Network } from "./network";
import { Panel } from "./panel";
import { MethodCards } from "./cards";
import { useCheck, useWish } from "./wish";
import type { Choices, SetEntry, Wish } from "./types";
import "./train.css";

const SIMPLE = ["networks", "epochs", "size_px", "batch_size", "learning_rate", "balance"];
const ELSEWHERE = ["network", "positive"]; // options with a place of their own in the form

export default function Train() {
  const t = useText("train");
  const { data: choices, error } = useGet<Choices>("/api/train");
  const { data: sets, error: noSets } = useGet<{ sets: SetEntry[] }>("/api/sets");
  const { wish, change, error: unlike } = useWish();
  const check = useCheck(wish);
  useEffect(() => {
    if (choices && !choices.methods.some((method) => method.name === wish.method)) change({ method: choices.methods[0]?.name ?? "", options: {} });
    if (sets?.sets.length && !sets.sets.some((one) => one.id === wish.set)) change({ set: sets.sets[0]!.id, roles: {} });
  }, [choices, sets, wish.method, wish.set]);
  if (error || noSets) return <Fault error={error ?? noSets} />;
  if (!choices || !sets) return <Busy />;
  if (!sets.sets.length) {
    return (
      <div className="empty">
        <p>{t("no_sets")}</p>
        <Go to="/data" className="button primary">
          {t("to_data")}
        </Go>
      </div>
    );
  }
  return (
    <div className="page train">
      <div className="train-form stack">
        <Fault error={unlike} />
        <MethodCards methods={choices.methods} chosen={wish.method} onChoose={(method) => change({ method, options: {} })} />
        <Data sets={sets.sets} wish={wish} classes={check.checked?.facts.classes ?? []} needs={choices.methods.find((method) => method.name === wish.method)?.needs ?? []} onChange={change} />
        <Settings wish={wish} onChange={change} />
        <section className="card stack">
          <h3>{t("evaluation")}</h3>
          <p className="soft tiny">{t("evaluation_about", { n: choices.few_patients })}</p>
          <OptionForm options={choices.protocol} values={wish.protocol} first={["evaluation", "folds"]} onChange={(protocol) => change({ protocol })} />
        </section>
      </div>
      <Panel wish={wish} check={check} onChange={change} />
    </div>
  );
}

function Settings({ wish, onChange }: { wish: Wish; onChange: (part: Partial<Wish>) => void }) {
  const t = useText("train");
  const { find, error, loading } = useCatalog();
  const entry = find("learn", wish.method);
  if (loading) return <Busy />;
  if (!entry) return <Fault error={error} />;
  const network = entry.options.find((option) => option.name === "network");
  const options = entry.options.filter((option) => !ELSEWHERE.includes(option.name));
  const simple = [...SIMPLE, ...options.slice(0, 3).map((option) => option.name)].filter((name) => options.some((option) => option.name === name));
  const known = options.some((option) => SIMPLE.includes(option.name)) ? SIMPLE : simple;
  return (
    <>
      {network && <Network option={network} values={wish.options} onChange={(values) => onChange({ options: values })} />}
      <section className="card stack">
        <h3>{t("settings")}</h3>
        <OptionForm key={wish.method} options={ordered(options)} values={without(wish.options)} first={known} onChange={(values) => onChange({ options: { ...kept(wish.options), ...values } })} />
      </section>
    </>
  );
}

/** The simple settings first, in their own order; the others as the method has them. */
function ordered<Option extends { name: string }>(options: Option[]): Option[] {
  const first = SIMPLE.flatMap((name) => options.filter((option) => option.name === name));
  return [...first, ...options.filter((option) => !first.includes(option))];
}

const without = (values: Wish["options"]) => Object.fromEntries(Object.entries(values).filter(([name]) => !ELSEWHERE.includes(name)));
const kept = (values: Wish["options"]) => Object.fromEntries(Object.entries(values).filter(([name]) => ELSEWHERE.includes(name)));

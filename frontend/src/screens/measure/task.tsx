/** One operation: its inputs, its options, and the run it becomes. */
import { useRef, useState } from "react";

import { About, Inputs, OptionForm, RunWatch, wrong, type Entry, type Option, type Values } from "../../form";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, useGet } from "../../shell/api";
import { useLanguage, useSay, useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { KeepImages } from "./keep_images";
import { Reading, sentReading, type ReadingState } from "./reading";

export function Task({ entry, raw }: { entry: Entry; raw: Option[] }) {
  const t = useText("measure");
  const say = useSay();
  const { query } = useRoute();
  const [inputs, setInputs] = useState<Record<string, string[]>>(() => begun(entry, query.get("inputs")));
  const [options, setOptions] = useState<Values>(() => begunOptions(entry, query.get("options")));
  const [reading, setReading] = useState<ReadingState>({ spacing: "", raw: null, presentation: false });
  const [seed, setSeed] = useState("0");
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [finished, setFinished] = useState("");
  const begunHere = useRef(""); // only a run that was started on this page leads to its result by itself, so that "back" comes back
  const run = query.get("run");
  const images = entry.inputs.some((one) => one.image);
  const missing = entry.inputs.filter((one) => one.required && !(one.kind === "Table" && images) && !inputs[one.name]?.length);
  const faulty = wrong(entry.options, options);
  const table = entry.inputs.flatMap((one) => (one.kind === "Table" ? (inputs[one.name] ?? []) : []))[0];
  const { data: headings } = useGet<{ columns: [string, string][] }>(table ? `/api/operations/columns?word=${encodeURIComponent(table)}` : null);
  const { language } = useLanguage();

  const put = (name: string, words: string[]) => {
    const next = { ...inputs, [name]: words };
    setInputs(next);
    go(withQuery({ inputs: JSON.stringify(next), run: null }), { replace: true });
  };
  const start = async () => {
    setFault(null);
    setBusy(true);
    try {
      const asked = { room: entry.room, operation: entry.name, inputs, options, opened: sentReading(reading), seed: Math.max(0, Math.floor(Number(seed)) || 0) };
      const made = await post<{ run: string }>("/api/operations/measure", asked);
      begunHere.current = made.run;
      go(withQuery({ run: made.run }));
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  return (
    <article className="measure-task">
      <header>
        <h1>{say(entry.label)}</h1>
        <About entry={entry} />
      </header>
      <div className="measure-columns">
        {entry.inputs.length > 0 && (
          <section className="card stack" aria-label={t("inputs")}>
            <h2>{t("inputs")}</h2>
            <Inputs inputs={entry.inputs} values={inputs} onChange={put} />
            {entry.inputs.some((one) => one.kind === "Table" && one.required) && images && (
              <p className="soft tiny">
                {t("table_from_set")}{" "}
                <a href="/data" onClick={(event) => (event.preventDefault(), go("/data"))}>
                  {t("to_data")}
                </a>
              </p>
            )}
            {images && <Reading state={reading} options={raw} onChange={setReading} />}
          </section>
        )}
        <section className="card stack" aria-label={t("options")}>
          <h2>{t("options")}</h2>
          <OptionForm options={entry.options} values={options} onChange={setOptions} first={8} columns={headings?.columns.map(([ja, en]) => (language === "ja" ? ja : en))} />
          {entry.seeded && (
            <label className="field measure-seed">
              <span>{t("seed")}</span>
              <input inputMode="numeric" value={seed} onChange={(event) => setSeed(event.target.value)} />
            </label>
          )}
        </section>
      </div>
      <footer className="measure-start">
        <button className="primary" onClick={() => void start()} disabled={busy || missing.length > 0 || faulty.length > 0}>
          <Icon name="play" size={16} /> {t(entry.makes === "images" ? "simulate" : "start")}
        </button>
        {missing.length > 0 && <span className="soft">{t("missing", { names: missing.map((one) => say(one.label)).join(t("comma")) })}</span>}
        {!missing.length && faulty.length > 0 && <span className="soft">{t("faulty", { names: faulty.map((one) => say(one.label)).join(t("comma")) })}</span>}
      </footer>
      <Fault error={fault} />
      {run && (
        <section className="card stack measure-run">
          <RunWatch key={run} run={run} onFinished={() => (setFinished(run), entry.makes === "result" && begunHere.current === run && go(`/results/${run}`))} />
          {entry.makes === "images" && finished === run && <KeepImages key={run} run={run} name={say(entry.label)} />}
        </section>
      )}
    </article>
  );
}

/** Inputs that another screen sent along, as far as this operation has them. */
function begun(entry: Entry, text: string | null): Record<string, string[]> {
  try {
    const found = JSON.parse(text ?? "{}") as Record<string, string[]>;
    return Object.fromEntries(entry.inputs.flatMap((one) => (Array.isArray(found[one.name]) ? [[one.name, found[one.name]!.map(String)]] : [])));
  } catch {
    return {};
  }
}

/** Options that another screen sent along, as far as this operation has them. */
function begunOptions(entry: Entry, text: string | null): Values {
  try {
    const found = JSON.parse(text ?? "{}") as Values;
    return Object.fromEntries(entry.options.flatMap((one) => (found[one.name] === undefined ? [] : [[one.name, found[one.name]]])));
  } catch {
    return {};
  }
}

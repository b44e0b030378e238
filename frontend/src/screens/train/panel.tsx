/** Beside the form: what was found before the start, the time to expect, and the start. */
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon, type IconName } from "../../parts/icons";
import { Progress } from "../../parts/progress";
import { useCatalog } from "../../form";
import { useFormat, useLanguage, useSay, useText } from "../../shell/language";
import { go } from "../../shell/route";
import type { Remark, Tried, Wish } from "./types";
import { useJob, type Check } from "./wish";

const SIGNS: Record<Remark["level"], IconName> = { fault: "close", warning: "warning", note: "help", ok: "check" };

export function Panel({ wish, check, onChange }: { wish: Wish; check: Check; onChange: (part: Partial<Wish>) => void }) {
  const t = useText("train");
  const say = useSay();
  const { language } = useLanguage();
  const starting = useJob<string>();
  const { checked, waiting } = check;
  const start = async () => {
    const id = await starting.run("/api/train/start", { ...wish, language });
    if (id) go(`/runs/${id}`);
  };
  const job = starting.job;
  const busy = job?.state === "running" || job?.state === "done";
  return (
    <aside className="train-panel stack">
      <section className="card stack">
        <label className="field">
          <span>{t("name")}</span>
          <input value={wish.name} maxLength={100} placeholder={t("name_automatic")} onChange={(event) => onChange({ name: event.target.value })} />
        </label>
        <button className="primary train-start" disabled={busy || waiting || !checked?.passed} onClick={() => void start()}>
          <Icon name="play" size={18} /> {busy ? t("starting") : t("start")}
        </button>
        {busy && job && (
          <Progress share={job.total ? job.done / job.total : null} label={t("starting")}>
            <span>{say(job.stage)}</span>
          </Progress>
        )}
        <Fault error={starting.error} onClose={starting.clear} />
      </section>
      <section className="card stack" aria-live="polite">
        <div className="row between">
          <h3>{t("before")}</h3>
          {waiting && <Busy small />}
        </div>
        <Fault error={check.error} />
        {checked && <Facts facts={checked.facts} />}
        <ul className="train-remarks">
          {checked?.remarks.map((remark, i) => (
            <One key={`${remark.code}${i}`} remark={remark} wish={wish} onChange={onChange} />
          ))}
        </ul>
        {checked?.passed && <Estimate key={JSON.stringify([wish.method, wish.set, wish.options, wish.protocol])} wish={wish} />}
      </section>
    </aside>
  );
}

function Facts({ facts }: { facts: NonNullable<Check["checked"]>["facts"] }) {
  const t = useText("train");
  const format = useFormat();
  const words = [
    facts.images === undefined ? "" : t("n_images", { n: format.whole(facts.images) }),
    facts.patients === null || facts.patients === undefined ? "" : t("n_patients", { n: format.whole(facts.patients) }),
    facts.classes?.length ? t("n_classes", { n: facts.classes.length }) : "",
    facts.train === undefined ? "" : t("n_train", { n: format.whole(facts.train) }),
  ].filter(Boolean);
  return <p className="train-facts">{words.join(" · ")}</p>;
}

function One({ remark, wish, onChange }: { remark: Remark; wish: Wish; onChange: (part: Partial<Wish>) => void }) {
  const t = useText("train");
  const say = useSay();
  const { find } = useCatalog();
  const labels = find("learn", wish.method)?.options ?? [];
  const cures = Object.entries(remark.cure);
  const named = cures.map(([name, value]) => t("cure", { name: say(labels.find((option) => option.name === name)?.label ?? name), value: String(value) }));
  return (
    <li className={`train-remark ${remark.level}`}>
      <Icon name={SIGNS[remark.level]} size={16} />
      <div>
        <b>{say(remark.title)}</b>
        <p>
          {say(remark.text)} {remark.code.startsWith("G-") && <span className="mono tiny soft">{remark.code}</span>}
        </p>
        {cures.length > 0 && (
          <button className="small" onClick={() => onChange({ options: { ...wish.options, ...remark.cure } })}>
            {named.join(", ")}
          </button>
        )}
      </div>
    </li>
  );
}

/** The time and memory to expect, measured on one batch; asked for by hand because it takes some seconds. */
function Estimate({ wish }: { wish: Wish }) {
  const t = useText("train");
  const say = useSay();
  const format = useFormat();
  const { language } = useLanguage();
  const trial = useJob<Tried>();
  const found = trial.job?.state === "done" ? trial.job.result : null;
  if (found) {
    return (
      <div className="note good">
        <p>{t("tried", { time: say(found.time), memory: format.bytes(found.memory), device: t(found.device.startsWith("cpu") ? "device_cpu" : "device_gpu") })}</p>
      </div>
    );
  }
  const busy = trial.job?.state === "running";
  return (
    <>
      <button disabled={busy} onClick={() => void trial.run("/api/train/trial", { ...wish, language })}>
        {busy ? <Busy small /> : <Icon name="measure" size={16} />} {busy ? t("trying") : t("try")}
      </button>
      <Fault error={trial.error} onClose={trial.clear} />
    </>
  );
}

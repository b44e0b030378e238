/** The form of a new experiment: what is judged, under which tests, by whom, and in which order. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go } from "../../shell/route";
import type { Experiment, Task } from "./types";

interface SetShort {
  id: string;
  name: string;
  rows: number;
}

interface Column {
  name: string;
  kind: "number" | "category" | "text" | "boxes";
  levels: [string, number][];
}

/** The scales of each task, the usual one first, as the server knows them. */
const SCALES: Record<Task, string[]> = { rating: ["five", "hundred", "yesno"], marks: ["hundred", "five"], grading: ["five", "yesno"], pair: ["five", "seven", "three", "two"], rank: [] };
const TASKS = Object.keys(SCALES) as Task[];
const EMPTY = {
  name: "", task: "rating" as Task, scale: "five", sets: [] as string[], names: {} as Record<string, string>, testColumn: "", caseColumn: "", truth: "", positive: "", criteria: "",
  readers: "1", training: 0, mixed: false, bothOrders: false, oneMark: false, acceptance: 0, actualSize: false, back: true, washout: 0, breakMinutes: 30, seed: 0,
};
type State = typeof EMPTY;

export function NewExperiment({ onClose }: { onClose: () => void }) {
  const t = useText("reading");
  const sets = useGet<{ sets: SetShort[] }>("/api/sets");
  const [form, change] = useState(EMPTY);
  const [fault, fail] = useState<unknown>(null);
  const chosen = form.sets.length ? form.sets : (sets.data?.sets ?? []).slice(0, 1).map((one) => one.id);
  const whole = useGet<{ columns: Column[] }>(chosen[0] ? `/api/sets/${chosen[0]}` : null);
  const columns = (whole.data?.columns ?? []).filter((one) => one.kind !== "boxes");
  const put = (changes: Partial<State>) => change((old) => ({ ...old, ...changes }));
  const save = () => post<Experiment>("/api/readings", asked(form, chosen)).then((made) => go(`/reading/${made.id}`), fail);
  const single = form.task === "rating" || form.task === "marks" || form.task === "grading";
  return (
    <Dialog
      title={t("new")}
      open
      onClose={onClose}
      wide
      actions={
        <button className="primary" onClick={() => void save()} disabled={!form.name.trim() || !chosen.length || !listed(form.readers).length || (form.task === "grading" && !listed(form.criteria).length)}>
          {t("make")}
        </button>
      }
    >
      <div className="reading-form">
        <label className="field">
          <span>{t("name")}</span>
          <input value={form.name} maxLength={60} onChange={(event) => put({ name: event.target.value })} />
        </label>
        <label className="field">
          <span>{t("readers")}</span>
          <input value={form.readers} onChange={(event) => put({ readers: event.target.value })} />
        </label>
      </div>
      <fieldset className="reading-box">
        <legend>{t("task")}</legend>
        {TASKS.map((task) => (
          <label key={task} className="field inline">
            <input type="radio" name="task" checked={form.task === task} onChange={() => put({ task, scale: SCALES[task][0] ?? "" })} />
            <span>{t(`${task}_about`)}</span>
          </label>
        ))}
        {SCALES[form.task].length > 0 && (
          <label className="field">
            <span>{t("scale")}</span>
            <select value={form.scale} onChange={(event) => put({ scale: event.target.value })}>
              {SCALES[form.task].map((scale) => (
                <option key={scale} value={scale}>
                  {t(form.task === "pair" ? `pair_${scale}` : `scale_${scale}`)}
                </option>
              ))}
            </select>
          </label>
        )}
        {form.task === "grading" && (
          <label className="field">
            <span>{t("criteria")}</span>
            <textarea rows={3} value={form.criteria} placeholder={t("criteria_example")} onChange={(event) => put({ criteria: event.target.value })} />
          </label>
        )}
        {form.task === "marks" && (
          <>
            <Check checked={form.oneMark} onChange={(oneMark) => put({ oneMark })} text={t("one_mark_about")} />
            <Num label={t("acceptance")} value={form.acceptance} max={1000} onChange={(acceptance) => put({ acceptance })} />
          </>
        )}
        {form.task === "pair" && <Check checked={form.bothOrders} onChange={(bothOrders) => put({ bothOrders })} text={t("both_orders_about")} />}
      </fieldset>
      <fieldset className="reading-box">
        <legend>{t("images")}</legend>
        {sets.data?.sets.length === 0 && <p className="note warn">{t("no_sets")}</p>}
        <div className="reading-sets">
          {sets.data?.sets.map((one) => (
            <div key={one.id} className="row">
              <Check checked={chosen.includes(one.id)} onChange={(on) => put({ sets: on ? [...chosen, one.id] : chosen.filter((id) => id !== one.id), testColumn: "" })} text={`${one.name} (${one.rows})`} />
              {chosen.length > 1 && chosen.includes(one.id) && (
                <input aria-label={t("test_name", { set: one.name })} placeholder={t("test_name", { set: one.name })} value={form.names[one.id] ?? ""} maxLength={60} onChange={(event) => put({ names: { ...form.names, [one.id]: event.target.value } })} />
              )}
            </div>
          ))}
        </div>
        <p className="soft tiny">{t("tests_about")}</p>
        <div className="reading-form">
          {chosen.length === 1 && <Pick label={t("test_column")} none={t("one_test")} value={form.testColumn} columns={columns} onChange={(testColumn) => put({ testColumn })} />}
          <Pick label={t("case_column")} none={t("by_row")} value={form.caseColumn} columns={columns} onChange={(caseColumn) => put({ caseColumn })} />
          {form.task === "rating" && <Pick label={t("truth")} none={t("no_truth")} value={form.truth} columns={columns} onChange={(truth) => put({ truth, positive: "" })} />}
          {form.task === "rating" && form.truth && <Positive levels={columns.find((one) => one.name === form.truth)?.levels ?? []} value={form.positive} onChange={(positive) => put({ positive })} />}
        </div>
        {form.task === "marks" && <p className="soft tiny">{t("boxes_about")}</p>}
      </fieldset>
      <fieldset className="reading-box">
        <legend>{t("order")}</legend>
        <p className="soft tiny">{t("order_about")}</p>
        {single && <Check checked={form.mixed} onChange={(mixed) => put({ mixed })} text={t("mixed_about")} />}
        <Check checked={form.actualSize} onChange={(actualSize) => put({ actualSize })} text={t("actual_size_about")} />
        <Check checked={form.back} onChange={(back) => put({ back })} text={t("back_about")} />
        <div className="reading-form">
          <Num label={t("training_n")} value={form.training} max={100} onChange={(training) => put({ training })} />
          {single && <Num label={t("washout")} value={form.washout} max={365} onChange={(washout) => put({ washout })} />}
          <Num label={t("break_minutes")} value={form.breakMinutes} max={240} onChange={(breakMinutes) => put({ breakMinutes })} />
          <Num label={t("seed")} value={form.seed} max={1e9} onChange={(seed) => put({ seed })} />
        </div>
      </fieldset>
      <Fault error={fault ?? sets.error ?? whole.error} />
    </Dialog>
  );
}

/** The form as the server takes it. */
function asked(form: State, sets: string[]) {
  const names = sets.map((id) => (form.names[id] ?? "").trim());
  const truth = form.task === "rating" ? { truth: form.truth, positive: form.positive } : {};
  const options = {
    task: form.task, scale: form.scale, readers: listed(form.readers), test_column: sets.length === 1 ? form.testColumn : "", case_column: form.caseColumn, ...truth,
    test_names: sets.length > 1 && names.every(Boolean) ? names : [], criteria: form.task === "grading" ? listed(form.criteria) : [], training: form.training, mixed: form.mixed, both_orders: form.task === "pair" && form.bothOrders,
    one_mark: form.task === "marks" && form.oneMark, acceptance_px: form.acceptance, actual_size: form.actualSize, back: form.back, washout_days: form.washout, break_minutes: form.breakMinutes, seed: form.seed,
  };
  return { name: form.name, sets, options };
}

function listed(text: string): string[] {
  return text.split(/[,、，\n]/).map((one) => one.trim()).filter(Boolean);
}

function Check({ checked, onChange, text }: { checked: boolean; onChange: (on: boolean) => void; text: string }) {
  return (
    <label className="field inline">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{text}</span>
    </label>
  );
}

function Num({ label, value, max, onChange }: { label: string; value: number; max: number; onChange: (value: number) => void }) {
  return (
    <label className="field">
      <span>{label}</span>
      <input type="number" min={0} max={max} value={value} onChange={(event) => onChange(Math.max(0, Math.min(max, Math.floor(Number(event.target.value) || 0))))} />
    </label>
  );
}

function Pick({ label, none, value, columns, onChange }: { label: string; none: string; value: string; columns: Column[]; onChange: (name: string) => void }) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{none}</option>
        {columns.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Positive({ levels, value, onChange }: { levels: [string, number][]; value: string; onChange: (value: string) => void }) {
  const t = useText("reading");
  return (
    <label className="field">
      <span>{t("positive")}</span>
      {levels.length ? (
        <select value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">–</option>
          {levels.map(([name, n]) => (
            <option key={name} value={name}>
              {name} ({n})
            </option>
          ))}
        </select>
      ) : (
        <input value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </label>
  );
}

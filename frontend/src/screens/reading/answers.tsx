/** The forms of the answers: steps or a slider, criteria, marks, ranks. */
import { Icon } from "../../parts/icons";
import { useText } from "../../shell/language";
import { keyOf, letterOf, shownSteps, type Form, type Mark } from "./types";

/** Buttons for the steps of a scale, each with its key; for 0 to 100 a slider. */
export function Steps({ form, value, disabled, onStep }: { form: Form; value: number | null; disabled: boolean; onStep: (step: number) => void }) {
  const word = useWords(form);
  const t = useText("reading");
  const steps = shownSteps(form);
  if (!steps.length) {
    return (
      <label className="field reading-slider">
        <span>{t("confidence")}</span>
        <input type="range" min={0} max={100} step={1} value={value ?? 50} disabled={disabled} className={value === null ? "reading-unset" : undefined} onChange={(event) => onStep(Number(event.target.value))} onPointerUp={(event) => !disabled && onStep(Number(event.currentTarget.value))} />
        <output>{value ?? "–"}</output>
      </label>
    );
  }
  return (
    <div className="reading-steps" role="group" aria-label={t("scale")}>
      {steps.map((step, place) => (
        <button key={step} aria-pressed={value === step} disabled={disabled} onClick={() => onStep(step)}>
          <span className="grow">{word(step)}</span>
          <kbd>{keyOf(steps, place)}</kbd>
        </button>
      ))}
    </div>
  );
}

/** What a step means. */
function useWords(form: Form): (step: number) => string {
  const t = useText("reading");
  return (step) => {
    if (form.task === "pair") {
      if (step === 0) return t("same");
      return t(step > 0 ? "left_better" : "right_better", { n: Math.max(...form.steps) > 1 ? "+".repeat(Math.abs(step)) : "" }).trim();
    }
    if (form.task === "grading") return form.scale === "yesno" ? t(step ? "fulfilled" : "not_fulfilled") : t(`grade_${step}`);
    return form.scale === "yesno" ? t(step ? "yes" : "no") : t(`rating_${step}`);
  };
}

/** A row for each criterion; digits grade the one that is pointed at. */
export function Grades({ form, grades, row, onGrade, onPoint }: { form: Form; grades: (number | null)[]; row: number; onGrade: (row: number, step: number) => void; onPoint: (row: number) => void }) {
  const word = useWords(form);
  return (
    <div className="reading-grades">
      {form.criteria.map((name, n) => (
        <div key={name} className="reading-grade" data-now={n === row || undefined} onClick={() => onPoint(n)}>
          <span>{name}</span>
          <div className="row" role="group" aria-label={name}>
            {form.steps.map((step) => (
              <button key={step} className="small" aria-pressed={grades[n] === step} title={word(step)} aria-label={word(step)} onClick={(event) => (event.stopPropagation(), onGrade(n, step))}>
                {form.scale === "yesno" ? word(step) : step}
              </button>
            ))}
          </div>
        </div>
      ))}
      {form.scale !== "yesno" && <p className="soft tiny">{form.steps.map((step) => `${step} ${word(step)}`).join(" · ")}</p>}
    </div>
  );
}

export function MarkList({ marks, chosen, onChoose, onRemove }: { marks: Mark[]; chosen: number; onChoose: (place: number) => void; onRemove: () => void }) {
  const t = useText("reading");
  return (
    <ul className="reading-marks">
      {marks.map((mark, n) => (
        <li key={n} aria-current={n === chosen || undefined}>
          <button className="ghost small grow" onClick={() => onChoose(n)}>
            {t("mark_n", { n: n + 1 })} <span className="soft">{mark.rating ?? t("not_rated")}</span>
          </button>
          {n === chosen && (
            <button className="ghost icon small" onClick={onRemove} aria-label={t("remove_mark")}>
              <Icon name="trash" size={14} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Ranks({ order, onAgain }: { order: number[]; onAgain: () => void }) {
  const t = useText("reading");
  return (
    <div className="stack">
      <ol className="reading-ranks">
        {order.map((pane) => (
          <li key={pane}>{letterOf(pane)}</li>
        ))}
      </ol>
      <button className="small" onClick={onAgain} disabled={!order.length}>
        {t("again")}
      </button>
    </div>
  );
}

/** The chain: steps in order, each with its form, its switch and its place. */
import { About, Inputs, OptionForm, wrong, type Entry } from "../../form";
import { Icon } from "../../parts/icons";
import { useSay, useText } from "../../shell/language";
import type { Step } from "./chain";

interface Props {
  steps: Step[];
  open: string | null;
  onOpen: (key: string | null) => void;
  onChange: (steps: Step[], dragging?: boolean) => void;
  find: (operation: string) => Entry | undefined;
  others: Record<string, string[]>;
  onOthers: (name: string, words: string[]) => void;
  range: [number, number] | null;
  /** The image in view, on which masks are drawn. */
  image: string;
}

export function Steps(props: Props) {
  const { steps, onChange } = props;
  const t = useText("process");
  if (!steps.length) return <p className="soft process-none">{t("no_steps")}</p>;
  const put = (key: string, changes: Partial<Step>, dragging = false) => onChange(steps.map((step) => (step.key === key ? { ...step, ...changes } : step)), dragging);
  const move = (place: number, by: number) => {
    const next = [...steps];
    const [taken] = next.splice(place, 1);
    if (taken) next.splice(place + by, 0, taken);
    onChange(next);
  };
  return (
    <ol className="process-steps">
      {steps.map((step, place) => (
        <OneStep key={step.key} {...props} step={step} place={place} put={put} move={move} />
      ))}
    </ol>
  );
}

interface OneProps extends Props {
  step: Step;
  place: number;
  put: (key: string, changes: Partial<Step>, dragging?: boolean) => void;
  move: (place: number, by: number) => void;
}

function OneStep({ step, place, put, move, ...props }: OneProps) {
  const t = useText("process");
  const say = useSay();
  const entry = props.find(step.operation);
  const open = props.open === step.key;
  const name = entry ? say(entry.label) : step.operation;
  const missing = entry?.inputs.slice(1).some((one) => one.required && !props.others[one.name]?.length) ?? false;
  const faulty = !entry || missing || wrong(entry.options, step.options).length > 0;
  return (
    <li className={`process-step card${step.off ? " process-off" : ""}${faulty && !step.off ? " process-faulty" : ""}`} data-step={step.operation}>
      <div className="process-head">
        <input type="checkbox" checked={!step.off} onChange={(event) => put(step.key, { off: !event.target.checked })} aria-label={t("switch", { name })} title={t("switch", { name })} />
        <button type="button" className="ghost process-name" aria-expanded={open} onClick={() => props.onOpen(open ? null : step.key)}>
          <span className="process-place">{place + 1}</span>
          {name}
        </button>
        <button type="button" className="ghost icon" disabled={place === 0} onClick={() => move(place, -1)} aria-label={t("up")} title={t("up")}>
          <Icon name="up" size={16} />
        </button>
        <button type="button" className="ghost icon" disabled={place === props.steps.length - 1} onClick={() => move(place, 1)} aria-label={t("down")} title={t("down")}>
          <Icon name="down" size={16} />
        </button>
        <button type="button" className="ghost icon" onClick={() => props.onChange(props.steps.filter((one) => one !== step))} aria-label={t("remove")} title={t("remove")}>
          <Icon name="trash" size={16} />
        </button>
      </div>
      {open && entry && (
        <div className="process-form">
          <Inputs inputs={entry.inputs.slice(1).filter((one) => one.required)} values={props.others} onChange={props.onOthers} sets={false} drawOn={props.image} />
          <OptionForm
            options={entry.options}
            values={step.options}
            onChange={(options, { dragging }) => put(step.key, { options }, dragging)}
            first={5}
            ranges={props.range ? rangesOf(entry, props.range) : undefined}
          />
          <Inputs inputs={entry.inputs.slice(1).filter((one) => !one.required)} values={props.others} onChange={props.onOthers} sets={false} drawOn={props.image} />
          <About entry={entry} />
        </div>
      )}
      {!entry && <p className="form-told">{t("unknown_step", { name: step.operation })}</p>}
    </li>
  );
}

/** Options without limits are pixel values: they lie within those of the image, and widths within their span. */
function rangesOf(entry: Entry, [low, high]: [number, number]): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  for (const { name, type, limits, default: start, unit } of entry.options) {
    if (type !== "float" || unit || limits.le !== undefined || limits.lt !== undefined) continue;
    const floor = limits.gt ?? limits.ge;
    if (floor === undefined) found[name] = [low, high];
    else if (floor === 0 && start === null) found[name] = [0, high - low];
  }
  return found;
}

/** One option: its label with unit, its control, the way back to its default, and what is wrong with it. */
import { useId, type ReactNode } from "react";

import { useSay, useText } from "../shell/language";
import { ChoiceBox, ListBox, ManyChoices, SwitchBox, TextBox } from "./boxes";
import { NumberField } from "./number_field";
import type { Option, Values } from "./types";
import { allowed, isDefault, valueOf } from "./values";

export interface Control {
  id: string;
  option: Option;
  value: unknown;
  set: (value: unknown, dragging?: boolean) => void;
  release: () => void;
  range?: [number, number];
  described?: string;
  wrong: boolean;
  columns?: string[];
  disabled?: boolean;
}

export function OptionField(props: {
  option: Option;
  values: Values;
  set: (option: Option, value: unknown, dragging: boolean) => void;
  release: (option: Option) => void;
  range?: [number, number];
  columns?: string[];
  disabled?: boolean;
}) {
  const { option, values } = props;
  const t = useText("form");
  const say = useSay();
  const id = useId();
  const value = valueOf(option, values);
  const wrong = !allowed(option, value);
  const told = wrong && (option.name in values || !option.required);
  const control: Control = {
    id, option, value, wrong: told, range: props.range, columns: props.columns, disabled: props.disabled, described: told ? `${id}-wrong` : undefined,
    set: (next, dragging = false) => props.set(option, next, dragging),
    release: () => props.release(option),
  };
  return (
    <div className={`form-option form-${option.type}${told ? " form-wrong" : ""}`} data-option={option.name}>
      <div className="form-head">
        <label htmlFor={id}>
          {say(option.label)}
          {option.unit && <span className="form-unit"> [{option.unit}]</span>}
          {option.required && <span className="form-needed">{t("needed")}</span>}
        </label>
        {!isDefault(option, values) && !option.required && (
          <button type="button" className="form-back" title={t("back_title", { value: defaultText(option, t) })} disabled={props.disabled} onClick={() => props.set(option, option.default, false)}>
            {t("back")}
          </button>
        )}
      </div>
      {box(control)}
      {told && (
        <p className="form-told" id={`${id}-wrong`} role="alert">
          {t("must", { must: say(option.must) })}
        </p>
      )}
    </div>
  );
}

function box(control: Control): ReactNode {
  const { option } = control;
  if (option.many) return option.choices.length ? <ManyChoices {...control} /> : <ListBox {...control} />;
  if (option.type === "bool") return <SwitchBox {...control} />;
  if (option.type === "choice") return <ChoiceBox {...control} />;
  return option.type === "text" ? <TextBox {...control} /> : <NumberField {...control} />;
}

function defaultText(option: Option, t: (key: string) => string): string {
  if (option.default === null) return t("automatic");
  if (typeof option.default === "boolean") return t(option.default ? "yes" : "no");
  return Array.isArray(option.default) ? option.default.join(", ") : String(option.default);
}

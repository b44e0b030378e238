/** The form of an operation or a method, made from the catalog: nothing in it is written for one of them. */
import { useState } from "react";

import { useText } from "../shell/language";
import { OptionField } from "./option_field";
import type { Option, Values } from "./types";
import { changed, isDefault } from "./values";
import "./form.css";

export interface Change {
  name: string;
  /** The hand is still on the slider; another call with false follows. */
  dragging: boolean;
}

export interface OptionFormProps {
  options: Option[];
  /** What differs from the defaults. */
  values: Values;
  onChange: (values: Values, change: Change) => void;
  /** Options shown at once, by name or how many; the others wait behind "all options". All when left out. */
  first?: string[] | number;
  /** Ranges of options that have no limits of their own, such as the pixel values of the image. */
  ranges?: Record<string, [number, number]>;
  /** Columns of the table that was chosen, offered where an option names one. */
  columns?: string[];
  disabled?: boolean;
}

export function OptionForm({ options, values, onChange, first, ranges, columns, disabled }: OptionFormProps) {
  const t = useText("form");
  const [all, showAll] = useState(false);
  const plain = options.filter((option, place) => isFirst(option, place, first));
  const rest = options.filter((option) => !plain.includes(option));
  const touched = rest.filter((option) => !isDefault(option, values)).length;
  const field = (option: Option) => (
    <OptionField
      key={option.name}
      option={option}
      values={values}
      range={ranges?.[option.name]}
      columns={namesColumn(option) ? columns : undefined}
      disabled={disabled}
      set={(one, value, dragging) => onChange(changed(one, values, value), { name: one.name, dragging })}
      release={(one) => onChange(values, { name: one.name, dragging: false })}
    />
  );
  if (!options.length) return <p className="form-none">{t("no_options")}</p>;
  return (
    <div className="form-options">
      {plain.map(field)}
      {rest.length > 0 && (
        <details className="form-rest" open={all} onToggle={(event) => showAll(event.currentTarget.open)}>
          <summary>
            {t("all_options", { n: rest.length })}
            {touched > 0 && <span className="tag">{t("changed", { n: touched })}</span>}
          </summary>
          {all && rest.map(field)}
        </details>
      )}
      {Object.keys(values).length > 0 && (
        <button type="button" className="ghost form-reset" disabled={disabled} onClick={() => onChange({}, { name: "", dragging: false })}>
          {t("reset")}
        </button>
      )}
    </div>
  );
}

/** Every option that takes the name of a column says so in its label. */
const namesColumn = (option: Option) => option.type === "text" && option.label.ja.includes("列");

function isFirst(option: Option, place: number, first: string[] | number | undefined): boolean {
  if (first === undefined || option.required) return true;
  return typeof first === "number" ? place < first : first.includes(option.name);
}

/** Controls of options that are not single numbers: switches, choices, texts, lists. */
import { useEffect, useMemo, useState } from "react";

import { useText } from "../shell/language";
import { Slider } from "./number_field";
import type { Control } from "./option_field";
import { scaleOf } from "./scale";
import { shown, typed } from "./values";

const MANY = 12; // choices from which on a list gets a search box

export function SwitchBox({ id, value, set, disabled, option }: Control) {
  const t = useText("form");
  if (!option.nullable) {
    return <input id={id} type="checkbox" className="form-switch" checked={value === true} disabled={disabled} onChange={(event) => set(event.target.checked)} />;
  }
  const words: Record<string, boolean | null> = { automatic: null, yes: true, no: false };
  const now = value === true ? "yes" : value === false ? "no" : "automatic";
  return (
    <select id={id} value={now} disabled={disabled} onChange={(event) => set(words[event.target.value])}>
      {Object.keys(words).map((word) => (
        <option key={word} value={word}>
          {t(word === "automatic" ? "automatic_long" : word)}
        </option>
      ))}
    </select>
  );
}

export function ChoiceBox({ id, option, value, set, disabled, described }: Control) {
  const t = useText("form");
  return (
    <select id={id} value={value === null || value === undefined ? "" : String(value)} disabled={disabled} aria-describedby={described} onChange={(event) => set(event.target.value || (option.nullable ? null : ""))}>
      {(option.nullable || option.required) && !option.choices.includes("") && <option value="">{t(option.nullable ? "automatic_long" : "choose")}</option>}
      {option.choices.map((name) => (
        <option key={name} value={name}>
          {name || t("none")}
        </option>
      ))}
    </select>
  );
}

/** Several names out of many: ticks, with a search box for long lists. */
export function ManyChoices({ id, option, value, set, disabled }: Control) {
  const t = useText("form");
  const [wanted, want] = useState("");
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  const listed = useMemo(() => option.choices.filter((name) => name.toLowerCase().includes(wanted.toLowerCase())), [option.choices, wanted]);
  const toggle = (name: string) => set(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <div className="form-many">
      {option.choices.length > MANY && <input id={id} type="search" placeholder={t("search")} value={wanted} onChange={(event) => want(event.target.value)} />}
      <div className="form-ticks">
        {listed.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} disabled={disabled} onChange={() => toggle(name)} />
            {name}
          </label>
        ))}
      </div>
      <p className="form-sum">{chosen.join(", ")}</p>
    </div>
  );
}

export function TextBox({ id, option, value, set, disabled, described, wrong, columns }: Control) {
  const t = useText("form");
  return (
    <>
      <input
        id={id}
        type="text"
        value={shown(value)}
        disabled={disabled}
        placeholder={option.nullable ? t("automatic_long") : ""}
        aria-invalid={wrong}
        aria-describedby={described}
        onChange={(event) => set(event.target.value === "" && option.nullable ? null : event.target.value)}
      />
      <Columns columns={columns} chosen={[String(value ?? "")]} take={(name) => set(value === name ? (option.nullable ? null : "") : name)} />
    </>
  );
}

/** Columns of the chosen table: press to take one, press again to leave it. */
function Columns({ columns = [], chosen, take }: { columns?: string[]; chosen: string[]; take: (name: string) => void }) {
  const t = useText("form");
  if (!columns.length) return null;
  return (
    <div className="form-columns" role="group" aria-label={t("columns")}>
      {columns.map((name) => (
        <button key={name} type="button" aria-pressed={chosen.includes(name)} onClick={() => take(name)}>
          {name}
        </button>
      ))}
    </div>
  );
}

/** Numbers with limits get a slider each, as the bands of an equaliser; other lists are typed, separated by commas. */
export function ListBox(control: Control) {
  const { option, value } = control;
  const scale = option.type === "float" || option.type === "int" ? scaleOf({ ...option, default: null }) : null;
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  if (!scale || items.length === 0 || !items.every((item) => typeof item === "number")) return <TypedList {...control} />;
  return <Bands {...control} items={items as number[]} />;
}

function Bands({ items, ...control }: Control & { items: number[] }) {
  const { option, set, disabled } = control;
  const t = useText("form");
  const scale = scaleOf({ ...option, default: null });
  const put = (place: number, next: unknown, dragging: boolean) => set(items.map((item, n) => (n === place ? next : item)), dragging);
  if (!scale) return null;
  return (
    <div className="form-bands" id={control.id}>
      {items.map((item, place) => (
        <div className="form-band" key={place}>
          <span className="form-place">{place + 1}</span>
          <Slider {...control} id={`${control.id}-${place}`} value={item} scale={scale} set={(next, dragging) => put(place, next, dragging ?? false)} />
          <output>{shown(item)}</output>
        </div>
      ))}
      {option.length === null && (
        <div className="row">
          <button type="button" className="ghost" disabled={disabled} onClick={() => set([...items, items[items.length - 1] ?? 0])}>
            {t("more")}
          </button>
          <button type="button" className="ghost" disabled={disabled || items.length < 2} onClick={() => set(items.slice(0, -1))}>
            {t("less")}
          </button>
        </div>
      )}
    </div>
  );
}

function TypedList({ id, option, value, set, disabled, described, wrong, columns }: Control) {
  const t = useText("form");
  const [text, type] = useState(shown(value));
  useEffect(() => {
    type((now) => (JSON.stringify(parts(option.type, now)) === JSON.stringify(value) || now === value ? now : shown(value)));
  }, [value, option.type]);
  const keep = (next: string) => {
    type(next);
    const found = parts(option.type, next);
    set(found.length === 0 && option.nullable ? null : found);
  };
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <>
      <input
        id={id}
        type="text"
        value={text}
        disabled={disabled}
        placeholder={option.nullable ? t("automatic_long") : t("commas")}
        aria-invalid={wrong}
        aria-describedby={described}
        onChange={(event) => keep(event.target.value)}
      />
      <Columns columns={columns} chosen={chosen} take={(name) => keep((chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(", "))} />
    </>
  );
}

const parts = (kind: Control["option"]["type"], text: string): unknown[] =>
  text
    .split(/[,、，]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => typed(kind, part));

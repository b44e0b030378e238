/** A number: a slider that follows the hand and a box for the exact value. */
import { useEffect, useState, type KeyboardEvent } from "react";

import { useSay, useText } from "../shell/language";
import type { Control } from "./option_field";
import { scaleOf, stepped, type Scale } from "./scale";
import { shown, typed } from "./values";

export function NumberField(control: Control) {
  const { option, value } = control;
  const scale = scaleOf(option, control.range);
  const t = useText("form");
  return (
    <div className={scale ? "form-number" : "form-number form-alone"}>
      {scale && <Slider {...control} scale={scale} />}
      <NumberBox {...control} scale={scale} placeholder={option.nullable ? t("automatic") : ""} value={value} />
    </div>
  );
}

export function Slider({ option, value, set, release, scale, disabled, id }: Control & { scale: Scale }) {
  const t = useText("form");
  const say = useSay();
  const number = typeof value === "number" ? value : null;
  const position = number === null ? Math.round(scale.steps / 2) : scale.position(number);
  return (
    <input
      type="range"
      className={number === null ? "form-unset" : ""}
      min={0}
      max={scale.steps}
      step={1}
      value={position}
      disabled={disabled}
      aria-label={say(option.label)}
      aria-controls={id}
      aria-valuetext={number === null ? t("automatic") : `${shown(number)} ${option.unit}`}
      onChange={(event) => set(scale.value(stepped(scale, position, Number(event.target.value))), true)}
      onPointerUp={release}
      onKeyUp={release}
    />
  );
}

export function NumberBox(props: Control & { scale: Scale | null; placeholder: string }) {
  const { id, option, value, set, scale, placeholder, wrong, described, disabled } = props;
  const [text, type] = useState(shown(value));
  useEffect(() => {
    type((now) => (same(typed(option.type, now), value) ? now : shown(value)));
  }, [value, option.type]);
  const keep = (next: string) => {
    type(next);
    set(next.trim() === "" ? (option.nullable ? null : "") : typed(option.type, next));
  };
  const step = (event: KeyboardEvent) => {
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!way || typeof value !== "number" || !scale) return;
    event.preventDefault();
    const from = scale.position(value);
    set(scale.value(stepped(scale, from, Math.max(0, Math.min(scale.steps, from + way)))), true);
  };
  return (
    <input
      id={id}
      type="text"
      inputMode="decimal"
      autoComplete="off"
      className="form-box"
      value={text}
      placeholder={placeholder}
      disabled={disabled}
      aria-invalid={wrong}
      aria-describedby={described}
      onChange={(event) => keep(event.target.value)}
      onKeyDown={step}
      onKeyUp={(event) => event.key.startsWith("Arrow") && props.release()}
    />
  );
}

const same = (typedValue: unknown, value: unknown) => typedValue === value || ((typedValue === "" || typedValue === null) && (value === null || value === undefined || value === ""));

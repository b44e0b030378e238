/** What an operation is given besides its options: images, whole sets, results of runs, or a file chosen on the spot. */
import { useRef, useState } from "react";

import { Fault } from "../parts/fault";
import { Icon } from "../parts/icons";
import { PickImages } from "../parts/pick_images";
import { PickResult } from "../parts/pick_result";
import { upload, useGet } from "../shell/api";
import { useSay, useText } from "../shell/language";
import { Go } from "../shell/route";
import { DrawMask } from "./draw_mask";
import type { OneInput } from "./types";
import "./form.css";

/** Words by which the server knows inputs: image addresses, "set:ID", "run:ID/field", "sent:NAME". */
export interface InputPickerProps {
  input: OneInput;
  value: string[];
  onChange: (words: string[]) => void;
  /** A sequence that the images of a whole set may stand for, and a volume that the slices of a set are. */
  sets?: boolean;
  /** The image on which a mask is drawn. */
  drawOn?: string;
  /** Images are chosen too: the table of their set stands for one that is not named. */
  beside?: boolean;
}

/** Inputs that are regions of another image, by their names in the source. */
const MASKS = ["mask", "signal", "background"];

export function InputPicker({ input, value, onChange, sets = true, drawOn = "", beside = false }: InputPickerProps) {
  const t = useText("form");
  const say = useSay();
  return (
    <fieldset className="form-input" data-input={input.name}>
      <legend>
        {say(input.label)}
        {input.required && <span className="form-needed">{t("needed")}</span>}
      </legend>
      {input.image && drawOn && MASKS.includes(input.name) && <DrawMask image={drawOn} title={say(input.label)} onDrawn={(address) => onChange([address])} />}
      {input.kind === "ImageSet" && <WholeSet value={value[0] ?? ""} volume={false} needed onChange={(word) => onChange(word ? [word] : [])} />}
      {input.kind === "ImageSet" ? null : input.image ? <Images input={input} value={value} onChange={onChange} sets={sets && !MASKS.includes(input.name)} /> : <Results input={input} value={value} onChange={onChange} beside={beside} />}
    </fieldset>
  );
}

/** All inputs of an operation: those it needs at once, the others behind a heading that is open when one was given. */
export function Inputs({ inputs, values, onChange, sets, drawOn }: { inputs: OneInput[]; values: Record<string, string[]>; onChange: (name: string, words: string[]) => void; sets?: boolean; drawOn?: string }) {
  const t = useText("form");
  const seen = drawOn ?? Object.entries(values).flatMap(([name, words]) => (MASKS.includes(name) || inputs.some((one) => one.name === name && !one.image) ? [] : words.filter((word) => !/^set:[0-9a-f]{8}$/.test(word))))[0];
  const picker = (one: OneInput) => <InputPicker key={one.name} input={one} value={values[one.name] ?? []} onChange={(words) => onChange(one.name, words)} sets={sets} drawOn={seen} beside={beside} />;
  const beside = inputs.some((one) => one.image);
  const others = inputs.filter((one) => !one.required);
  return (
    <>
      {inputs.filter((one) => one.required).map(picker)}
      {others.length > 0 && (
        <details className="form-rest" open={others.some((one) => values[one.name]?.length) || undefined}>
          <summary>{t("optional_inputs")}</summary>
          {others.map(picker)}
        </details>
      )}
    </>
  );
}

function Images({ input, value, onChange, sets }: Required<Omit<InputPickerProps, "drawOn" | "beside">>) {
  const say = useSay();
  const volume = !input.many || input.name.startsWith("volume");
  const whole = value.filter((word) => /^set:[0-9a-f]{8}$/.test(word));
  const single = value.filter((word) => !whole.includes(word));
  return (
    <>
      {whole.length === 0 && <PickImages value={single} onChange={onChange} many={input.many} label={say(input.label)} />}
      {sets && (input.many || volume) && single.length === 0 && <WholeSet value={whole[0] ?? ""} volume={volume} onChange={(word) => onChange(word ? [word] : [])} />}
    </>
  );
}

interface SetEntry {
  id: string;
  name: string;
  rows: number;
}

function WholeSet({ value, volume, needed = false, onChange }: { value: string; volume: boolean; needed?: boolean; onChange: (word: string) => void }) {
  const t = useText("form");
  const { data } = useGet<{ sets: SetEntry[] }>("/api/sets");
  const offered = data?.sets.filter((one) => one.rows > 1) ?? [];
  if (!offered.length) return needed && data ? <Go to="/data">{t("no_sets")}</Go> : null;
  return (
    <label className="field">
      <span>{t(volume ? "set_as_volume" : "whole_set")}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("not_chosen")}</option>
        {offered.map((one) => (
          <option key={one.id} value={`set:${one.id}`}>
            {one.name} ({one.rows})
          </option>
        ))}
      </select>
    </label>
  );
}

function Results({ input, value, onChange, beside }: { input: OneInput; value: string[]; onChange: (words: string[]) => void; beside: boolean }) {
  const t = useText("form");
  const shown = input.many ? [...value, ""] : [value[0] ?? ""];
  const put = (place: number, word: string | null) => {
    const next = [...value];
    if (word) next[place] = word;
    else next.splice(place, 1);
    onChange(next);
  };
  return (
    <div className="stack form-results">
      {shown.map((word, place) => (
        <div className="row" key={`${place}-${word}`}>
          {!word.startsWith("sent:") && !word.startsWith("set:") && <PickResult kind={input.kind} value={word || null} onChange={(next) => put(place, next)} label={t("from_run")} />}
          {(!word || word.startsWith("sent:")) && <Sent value={word} onChange={(next) => put(place, next)} />}
        </div>
      ))}
      {input.kind === "Table" && (value.length === 0 || value[0]?.startsWith("set:")) && (
        <>
          <WholeSet value={value[0] ?? ""} volume={false} onChange={(word) => onChange(word ? [word] : [])} />
          {input.required && beside && !value.length && <p className="form-none">{t("table_of_set")}</p>}
        </>
      )}
    </div>
  );
}

/** A table or a result from a file; the server keeps it under its content. */
function Sent({ value, onChange }: { value: string; onChange: (word: string | null) => void }) {
  const t = useText("form");
  const chooser = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const send = async (file: File | undefined) => {
    if (!file) return;
    setFault(null);
    try {
      const { word } = await upload<{ word: string }>("/api/uploads/result", [{ file, name: file.name }]);
      setName(file.name);
      onChange(word);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <>
      <input ref={chooser} type="file" hidden accept=".csv,.tsv,.txt,.xlsx,.json,.lrc,.imrmc" onChange={(event) => (void send(event.target.files?.[0]), (event.target.value = ""))} />
      <button type="button" onClick={() => chooser.current?.click()}>
        <Icon name="upload" size={16} /> {value ? name || t("sent_file") : t("from_file")}
      </button>
      {value && (
        <button type="button" className="ghost small" onClick={() => onChange(null)}>
          {t("clear")}
        </button>
      )}
      <Fault error={fault} />
    </>
  );
}

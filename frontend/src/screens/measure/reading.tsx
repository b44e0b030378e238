/** How image files are read where they do not say it themselves, or are not what a measurement wants. */
import { OptionForm, type Option, type Values } from "../../form";
import { useText } from "../../shell/language";

export interface ReadingState {
  spacing: string;
  /** Options of files without a header; null for files that say what they are. */
  raw: Values | null;
  presentation: boolean;
}

export function sentReading({ spacing, raw, presentation }: ReadingState) {
  const lengths = spacing
    .normalize("NFKC")
    .split(/[,\s]+/)
    .map(Number)
    .filter((length) => length > 0);
  return { spacing_mm: lengths.length ? lengths : null, raw, accept_presentation: presentation };
}

export function Reading({ state, options, onChange }: { state: ReadingState; options: Option[]; onChange: (state: ReadingState) => void }) {
  const t = useText("measure");
  return (
    <details className="form-rest">
      <summary>{t("reading")}</summary>
      <div className="stack measure-reading">
        <label className="field">
          <span>{t("spacing")}</span>
          <input value={state.spacing} inputMode="decimal" placeholder={t("spacing_hint")} onChange={(event) => onChange({ ...state, spacing: event.target.value })} />
        </label>
        <label className="row">
          <input type="checkbox" checked={state.presentation} onChange={(event) => onChange({ ...state, presentation: event.target.checked })} />
          {t("presentation")}
        </label>
        <label className="row">
          <input type="checkbox" checked={state.raw !== null} onChange={(event) => onChange({ ...state, raw: event.target.checked ? {} : null })} />
          {t("raw")}
        </label>
        {state.raw !== null && <OptionForm options={options} values={state.raw} onChange={(raw) => onChange({ ...state, raw })} />}
      </div>
    </details>
  );
}

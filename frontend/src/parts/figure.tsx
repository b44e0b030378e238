/** A figure of a result as the report has it, and its file: kind, size in mm, dots per inch, language, for paper or a poster. */
import { useState } from "react";

import { raw } from "../shell/api";
import { useLanguage, useSay, useText, type Say } from "../shell/language";
import { Busy } from "./busy";
import { Dialog } from "./dialog";
import { Fault } from "./fault";
import { Icon } from "./icons";
import { keep } from "./keeping";
import "./figure.css";

export interface PlainPicture {
  name: string;
  caption: Say;
  width_mm: number;
  numbers: { type: string } | null;
}

const POSTER = 3;
const NARROWEST_MM = 50;

function addressOf(run: string, picture: PlainPicture): string {
  return `/api/exports/${encodeURIComponent(run)}/figure?name=${encodeURIComponent(picture.name)}`;
}

export function ResultFigure({ run, picture }: { run: string; picture: PlainPicture }) {
  const say = useSay();
  const t = useText("table");
  const { language } = useLanguage();
  const [broken, setBroken] = useState(false);
  const address = addressOf(run, picture);
  const kind = picture.numbers ? "svg" : "png&dpi=200";
  return (
    <figure className="result-figure" style={{ width: `${Math.max(360, picture.width_mm * 3.9)}px` }}>
      {broken ? <p className="note warn">{t("no_figure")}</p> : <img src={`${address}&kind=${kind}&language=${language}&shown=true`} alt={say(picture.caption)} loading="lazy" onError={() => setBroken(true)} />}
      <figcaption>
        <span>{say(picture.caption)}</span>
        <FigureButton run={run} picture={picture} />
      </figcaption>
    </figure>
  );
}

/** The button that saves a figure as a file. */
export function FigureButton({ run, picture }: { run: string; picture: PlainPicture }) {
  const t = useText("table");
  const [saving, setSaving] = useState(false);
  return (
    <>
      <button className="ghost small" onClick={() => setSaving(true)}>
        <Icon name="download" size={16} /> {t("save_figure")}
      </button>
      <FigureDialog open={saving} onClose={() => setSaving(false)} address={addressOf(run, picture)} width={picture.width_mm} />
    </>
  );
}

function FigureDialog({ open, onClose, address, width }: { open: boolean; onClose: () => void; address: string; width: number }) {
  const t = useText("table");
  const { language } = useLanguage();
  const [kind, setKind] = useState("png");
  const [style, setStyle] = useState("paper");
  const [mm, setMm] = useState(width);
  const [dpi, setDpi] = useState(300);
  const [words, setWords] = useState<string>(language);
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const least = NARROWEST_MM * (style === "poster" ? POSTER : 1);
  const choose = (next: string) => {
    setStyle(next);
    setMm(next === "poster" ? width * POSTER : width);
  };
  const save = () => {
    setBusy(true);
    fail(null);
    raw(`${address}&kind=${kind}&style=${style}&width_mm=${mm}&dpi=${dpi}&language=${words}`)
      .then(keep)
      .then(onClose, fail)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t("save_figure")}
      open={open}
      onClose={onClose}
      actions={
        <>
          {busy && <Busy small />}
          <button onClick={onClose}>{t("cancel")}</button>
          <button className="primary" disabled={busy || !(mm >= least && mm <= 1200)} onClick={save}>
            {t("save")}
          </button>
        </>
      }
    >
      <div className="figure-choices">
        <Choice label={t("kind")} chosen={kind} onChoose={setKind} of={[["png", "PNG"], ["svg", "SVG"], ["pdf", "PDF"]]} />
        <Choice label={t("made_for")} chosen={style} onChoose={choose} of={[["paper", t("paper")], ["poster", t("poster")]]} />
        <label className="field">
          <span>{t("width_mm")}</span>
          <input type="number" min={least} max={1200} step={1} value={mm} onChange={(event) => setMm(event.target.valueAsNumber)} />
        </label>
        <label className="field">
          <span>{t("dpi")}</span>
          <select value={dpi} disabled={kind !== "png"} onChange={(event) => setDpi(Number(event.target.value))}>
            {[150, 300, 600].map((one) => (
              <option key={one} value={one}>
                {one} dpi
              </option>
            ))}
          </select>
        </label>
        <Choice label={t("language")} chosen={words} onChoose={setWords} of={[["ja", t("japanese")], ["en", t("english")]]} />
        <p className="soft tiny figure-size">{kind === "png" ? t("pixels", { n: Math.round((mm / 25.4) * dpi) || 0 }) : t("lines")}</p>
      </div>
      <Fault error={error} />
    </Dialog>
  );
}

function Choice({ label, chosen, onChoose, of }: { label: string; chosen: string; onChoose: (one: string) => void; of: [string, string][] }) {
  return (
    <fieldset className="figure-choice">
      <legend>{label}</legend>
      {of.map(([name, text]) => (
        <button key={name} aria-pressed={chosen === name} onClick={() => onChoose(name)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** What leaves the house: the report as a page, the study as a ZIP for a colleague. */
import { useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post } from "../../shell/api";
import { useFormat, useLanguage, useSay, useText } from "../../shell/language";
import type { Packed, StudyWhole } from "./types";
import { ended } from "./work";

export function Out({ study }: { study: StudyWhole }) {
  return (
    <div className="study-out">
      <Zip study={study} />
      <Report study={study} />
    </div>
  );
}

function Zip({ study }: { study: StudyWhole }) {
  const t = useText("study");
  const say = useSay();
  const format = useFormat();
  const { language } = useLanguage();
  const [images, setImages] = useState(false);
  const [busy, setBusy] = useState(false);
  const [packed, set] = useState<Packed | null>(null);
  const [error, fail] = useState<unknown>(null);
  const pack = () => {
    setBusy(true);
    set(null);
    fail(null);
    post<{ job: string }>(`/api/studies/${encodeURIComponent(study.name)}/export`, { images, language })
      .then(({ job }) => ended<Packed>(job))
      .then(set, fail)
      .finally(() => setBusy(false));
  };
  return (
    <section className="card stack">
      <h3>{t("zip")}</h3>
      <p className="soft">{t("zip_about")}</p>
      <label className="row">
        <input type="checkbox" checked={images} onChange={(event) => (setImages(event.target.checked), set(null))} />
        <span>{t("with_images")}</span>
      </label>
      <div className="row">
        <button className="primary" onClick={pack} disabled={busy}>
          <Icon name="study" size={16} /> {t("pack")}
        </button>
        {busy && <Busy small />}
        {packed && (
          <a className="button" href={`/api/studies/exports/${packed.token}`} download={`${study.name}.zip`}>
            <Icon name="download" size={16} /> {study.name}.zip ({format.bytes(packed.bytes)})
          </a>
        )}
      </div>
      {packed?.notes.map((note, i) => (
        <p key={i} className="note warn">
          {say(note)}
        </p>
      ))}
      <Fault error={error} onClose={() => fail(null)} />
    </section>
  );
}

function Report({ study }: { study: StudyWhole }) {
  const t = useText("study");
  const { language } = useLanguage();
  const [runs, setRuns] = useState(true);
  const frame = useRef<HTMLIFrameElement>(null);
  const address = `/api/studies/${encodeURIComponent(study.name)}/report?language=${language}&runs=${runs}`;
  return (
    <section className="card stack study-report">
      <div className="row between">
        <h3>{t("report")}</h3>
        <div className="row">
          <label className="row">
            <input type="checkbox" checked={runs} onChange={(event) => setRuns(event.target.checked)} />
            <span>{t("report_runs")}</span>
          </label>
          <button onClick={() => frame.current?.contentWindow?.print()}>
            <Icon name="report" size={16} /> {t("print")}
          </button>
          <a className="button" href={`${address}&save=true`} download={`${study.name}.html`}>
            <Icon name="download" size={16} /> {t("save_html")}
          </a>
        </div>
      </div>
      <iframe ref={frame} src={address} title={t("report")} key={address} />
    </section>
  );
}

/** A study in a ZIP from a colleague: images known here are linked again by their content. */
import { useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { upload } from "../../shell/api";
import { useLanguage, useSay, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { TakenIn } from "./types";
import { ended } from "./work";

export function TakeIn({ onTaken }: { onTaken: () => void }) {
  const t = useText("study");
  const { language } = useLanguage();
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const [taken, set] = useState<TakenIn | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    fail(null);
    set(null);
    upload<{ job: string }>(`/api/uploads/study?language=${language}`, [{ file, name: file.name }])
      .then(({ job }) => ended<TakenIn>(job))
      .then((told) => (set(told), onTaken()), fail)
      .finally(() => setBusy(false));
  };
  return (
    <section className="card stack" onDragOver={(event) => event.preventDefault()} onDrop={(event) => (event.preventDefault(), take(event.dataTransfer.files[0]))}>
      <h3>{t("take_in")}</h3>
      <p className="soft">{t("take_in_about")}</p>
      <input ref={input} type="file" accept=".zip" className="visually-hidden" tabIndex={-1} aria-label={t("choose_zip")} onChange={(event) => take(event.target.files?.[0])} />
      <div className="row">
        <button onClick={() => input.current?.click()} disabled={busy}>
          <Icon name="upload" size={16} /> {t("choose_zip")}
        </button>
        {busy && <Busy small />}
      </div>
      <Fault error={error} onClose={() => fail(null)} />
      {taken && <Told taken={taken} />}
    </section>
  );
}

function Told({ taken }: { taken: TakenIn }) {
  const t = useText("study");
  const say = useSay();
  return (
    <div className="note good">
      <p>
        <Go to={`/study/${encodeURIComponent(taken.study)}`}>{taken.study}</Go> {t("taken", { runs: taken.runs, kept: taken.kept, linked: taken.linked.length })}
      </p>
      {[...taken.missing.map((one) => one.why), ...taken.notes].map((text, i) => (
        <p key={i}>{say(text)}</p>
      ))}
    </div>
  );
}

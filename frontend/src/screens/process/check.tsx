/** What the processing changed: edges in the difference, noise, overshoot; with warnings where it went too far. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post } from "../../shell/api";
import { useFormat, useSay, useText, type Say } from "../../shell/language";

interface Checked {
  measures: { title: Say; headings: Say[]; rows: (Say | number | null)[][]; notes: Say[] };
  warnings: Say[];
  level: number;
}

export function Check({ token, disabled }: { token: string | null; disabled: boolean }) {
  const t = useText("process");
  const say = useSay();
  const format = useFormat();
  const [found, setFound] = useState<{ token: string; checked: Checked } | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = async () => {
    if (!token) return;
    setBusy(true);
    setFault(null);
    try {
      setFound({ token, checked: await post<Checked>("/api/live/check", { token }) });
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  const fresh = found !== null && found.token === token ? found.checked : null;
  return (
    <section className="process-check" aria-live="polite">
      <div className="row">
        <button onClick={() => void look()} disabled={disabled || busy || !token || fresh !== null}>
          <Icon name="search" size={16} /> {t(busy ? "checking" : "check")}
        </button>
        {found && !fresh && <span className="soft tiny">{t("check_again")}</span>}
        {fresh && !fresh.warnings.length && <span className="tag good">{t("check_fine")}</span>}
        {fresh && fresh.warnings.length > 0 && <span className="tag warn">{t("check_warned", { n: fresh.warnings.length })}</span>}
      </div>
      <Fault error={fault} />
      {fresh?.warnings.map((text, place) => (
        <p className="note warn" key={place}>
          {say(text)}
        </p>
      ))}
      {fresh && (
        <details>
          <summary className="soft">{say(fresh.measures.title)}</summary>
          <div className="table-box">
            <table className="table">
              <thead>
                <tr>
                  {fresh.measures.headings.map((heading, place) => (
                    <th key={place}>{say(heading)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {fresh.measures.rows.map((row, line) => (
                  <tr key={line}>
                    {row.map((cell, place) => (
                      <td key={place} className={typeof cell === "number" ? "number" : ""}>
                        {typeof cell === "number" ? format.number(cell) : cell === null ? "–" : say(cell)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {fresh.measures.notes.map((text, place) => (
            <p className="soft tiny" key={place}>
              {say(text)}
            </p>
          ))}
        </details>
      )}
    </section>
  );
}

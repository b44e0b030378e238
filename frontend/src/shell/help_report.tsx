/** One click makes a text for the teacher: screen, settings, log, versions; no pixels and no names. */
import { useState } from "react";

import { Dialog } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Icon } from "../parts/icons";
import { post } from "./api";
import { useLanguage, useText } from "./language";

interface Report {
  text: string;
}

export function HelpReport({ screen }: { screen: string }) {
  const t = useText("shell");
  const { language } = useLanguage();
  const [report, set] = useState<Report | null>(null);
  const [error, fail] = useState<unknown>(null);
  const ask = () => {
    const faults = [...document.querySelectorAll(".fault-code")].map((node) => node.textContent ?? "");
    post<Report>("/api/help-report", { screen, settings: Object.fromEntries(new URLSearchParams(location.search)), error: faults.at(-1) ?? "", language }).then(set, fail);
  };
  const close = () => (set(null), fail(null));
  return (
    <>
      <button className="ghost icon" onClick={ask} aria-label={t("help_report")} title={t("help_report")}>
        <Icon name="help" />
      </button>
      <Dialog
        title={t("help_report")}
        open={Boolean(report || error)}
        onClose={close}
        wide
        actions={
          report && (
            <>
              <button onClick={() => void navigator.clipboard.writeText(report.text)}>{t("copy")}</button>
              <a className="button primary" download="gazo-help.txt" href={URL.createObjectURL(new Blob([report.text], { type: "text/plain" }))}>
                {t("download")}
              </a>
            </>
          )
        }
      >
        <p>{t("help_report_about")}</p>
        <Fault error={error} />
        {report && <pre className="help-text">{report.text}</pre>}
      </Dialog>
    </>
  );
}

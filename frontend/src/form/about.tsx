/** What an operation or a method does, as its documentation in the source says; that is written in English. */
import { useText } from "../shell/language";
import type { Entry } from "./types";

export function About({ entry }: { entry: Entry }) {
  const t = useText("form");
  return (
    <details className="form-about">
      <summary>{t("about")}</summary>
      <div lang="en">
        <pre>{entry.details}</pre>
      </div>
      <p className="form-version">
        {t("version", { n: entry.version })}
        {entry.booklet.length > 0 && ` · ${entry.booklet.join(", ")}`}
      </p>
    </details>
  );
}

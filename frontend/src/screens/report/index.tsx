/** Reports: choose runs and their sections at the left, see the page at the right, print it or keep it as a file. All choices stand in the address. */
import { useRef, useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useLanguage, useText, type Language } from "../../shell/language";
import { go, useRoute } from "../../shell/route";
import type { RunAbout } from "../results/types";
import { Choose } from "./choose";
import "./report.css";

export interface Wish {
  runs: string[];
  drop: string[];
  title: string;
  language: Language;
}

export default function Report() {
  const t = useText("report");
  const { parts, query } = useRoute();
  const { language } = useLanguage();
  const frame = useRef<HTMLIFrameElement>(null);
  const wish: Wish = {
    runs: [...new Set([...parts.slice(0, 1), ...query.getAll("run")])],
    drop: query.getAll("drop"),
    title: query.get("title") ?? "",
    language: (query.get("language") as Language | null) ?? language,
  };
  const { data: runs, error } = useGet<RunAbout[]>("/api/results");
  const [title, setTitle] = useState(wish.title);
  const page = wish.runs.length ? `/api/report/page?${asked(wish)}` : null;
  const change = (next: Partial<Wish>) => go(addressOf({ ...wish, ...next }), { replace: true });
  return (
    <div className="report">
      <aside className="report-side">
        <Fault error={error} />
        <label className="field">
          <span>{t("title")}</span>
          <input value={title} placeholder={t("title_usual")} maxLength={200} onChange={(event) => setTitle(event.target.value)} onBlur={() => change({ title })} onKeyDown={(event) => event.key === "Enter" && change({ title })} />
        </label>
        <div className="field">
          <span>{t("language")}</span>
          <div className="row report-languages" role="group" aria-label={t("language")}>
            {(["ja", "en"] as const).map((one) => (
              <button key={one} aria-pressed={wish.language === one} onClick={() => change({ language: one })}>
                {t(one)}
              </button>
            ))}
          </div>
        </div>
        <Choose runs={runs ?? []} wish={wish} onChange={change} />
      </aside>
      <section className="report-main">
        <div className="toolbar">
          <button disabled={!page} onClick={() => frame.current?.contentWindow?.print()}>
            <Icon name="report" size={16} /> {t("print")}
          </button>
          <a className="button" aria-disabled={!page} href={page ? `${page}&save=true` : undefined} download>
            <Icon name="download" size={16} /> {t("save_html")}
          </a>
          <span className="gap" />
          <span className="soft tiny">{t("print_about")}</span>
        </div>
        {page ? <iframe ref={frame} key={page} className="report-page" src={page} sandbox="allow-same-origin allow-modals" title={t("page")} /> : <p className="empty">{t("choose_runs")}</p>}
      </section>
    </div>
  );
}

function asked(wish: Wish): string {
  const query = new URLSearchParams();
  wish.runs.forEach((run) => query.append("run", run));
  wish.drop.forEach((one) => query.append("drop", one));
  query.set("language", wish.language);
  if (wish.title) query.set("title", wish.title);
  return query.toString();
}

function addressOf(wish: Wish): string {
  return `/report?${asked(wish)}`;
}

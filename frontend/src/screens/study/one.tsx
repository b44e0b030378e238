/** One study: facts, runs and data, checklist, and what goes out of the house. */
import { useEffect } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { Tabs } from "../../parts/tabs";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import { Checklist } from "./checklist";
import { open } from "./current";
import { Facts } from "./facts";
import { Out } from "./out";
import { StudyRuns } from "./runs";
import type { StudyWhole } from "./types";
import { useState } from "react";

const TABS = ["facts", "runs", "checklist", "out"] as const;
type Tab = (typeof TABS)[number];

export function StudyPage({ name }: { name: string }) {
  const t = useText("study");
  const { query } = useRoute();
  const { data, error } = useGet<StudyWhole>(`/api/studies/${encodeURIComponent(name)}`);
  const [changed, change] = useState<StudyWhole | null>(null);
  const study = changed ?? data;
  const tab = TABS.find((one) => one === query.get("tab")) ?? "facts";
  useEffect(() => {
    if (data) open(name);
  }, [data, name]);
  return (
    <div className="page study-page">
      <Go to="/study" className="study-back">
        <Icon name="left" size={16} /> {t("all")}
      </Go>
      <Fault error={error} />
      {!study && !error && <Busy />}
      {study && (
        <>
          <h2>{study.title || study.name}</h2>
          <Tabs<Tab>
            label={t("parts")}
            chosen={tab}
            onChoose={(one) => go(withQuery({ tab: one }), { replace: true })}
            tabs={TABS.map((one) => ({ name: one, text: t(one), count: one === "runs" ? study.runs.length : undefined }))}
          />
          {tab === "facts" && <Facts study={study} onChange={change} />}
          {tab === "runs" && <StudyRuns study={study} onChange={change} />}
          {tab === "checklist" && <Checklist study={study} onChange={change} />}
          {tab === "out" && <Out study={study} />}
        </>
      )}
    </div>
  );
}

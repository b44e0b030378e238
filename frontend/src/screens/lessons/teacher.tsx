/** For the teacher: codes pasted from a chat become a table of who is how far. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ResultTable, type PlainTable } from "../../parts/table";
import { ApiError, post } from "../../shell/api";
import { useSay, useText, type Say } from "../../shell/language";
import { Go } from "../../shell/route";
import type { Decoded, Mark } from "./types";

const SIGNS: Record<Mark, string> = { open: "·", "under way": "…", done: "✓", helped: "△" };

export function Teacher() {
  const t = useText("lessons");
  const [text, setText] = useState("");
  const [found, set] = useState<Decoded | null>(null);
  const [error, fail] = useState<unknown>(null);
  const read = (pasted: string) => post<Decoded>("/api/lessons/decode", { text: pasted }).then((got) => (set(got), fail(null)), fail);
  const lessons = [...new Set(found?.rows.map((row) => row.lesson))];
  return (
    <div className="page">
      <Go to="/lessons" className="lesson-back">
        <Icon name="left" size={16} /> {t("all_lessons")}
      </Go>
      <label className="field">
        <span>{t("paste")}</span>
        <textarea rows={7} value={text} spellCheck={false} onChange={(event) => (setText(event.target.value), void read(event.target.value))} />
      </label>
      <Fault error={error} />
      {found?.faults.map((fault) => (
        <Fault key={fault.code} error={new ApiError(fault.error.code, fault.error, 400)} />
      ))}
      {found && text && !found.rows.length && !found.faults.length && <p className="soft">{t("no_codes")}</p>}
      {lessons.map((lesson) => (
        <LessonTable key={lesson} rows={found!.rows.filter((row) => row.lesson === lesson)} />
      ))}
      {lessons.length > 0 && <p className="soft tiny">{t("signs")}</p>}
      <p className="soft tiny">{t("no_signature")}</p>
    </div>
  );
}

function LessonTable({ rows }: { rows: Decoded["rows"] }) {
  const t = useText("lessons");
  const say = useSay();
  const first = rows[0]!;
  const count = Math.max(...rows.map((row) => row.steps.length));
  const titles = Array.from({ length: count }, (_, i): Say | string => first.titles[i] ?? String(i + 1));
  const table: PlainTable = {
    title: first.title ?? first.lesson,
    headings: [t("nickname_short"), t("done_short"), ...titles, t("day"), t("seed"), t("remark")],
    rows: rows.map((row) => [
      row.nickname || "–",
      `${row.done} / ${row.steps.length}`,
      ...Array.from({ length: count }, (_, i) => (row.steps[i] ? SIGNS[row.steps[i]] : null)),
      row.day,
      row.seed,
      row.other ? t("other_lesson") : "",
    ]),
  };
  return <div className="lesson-table" aria-label={say(table.title)}><ResultTable table={table} /></div>;
}

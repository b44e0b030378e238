/** What would spoil a study made of this set, with its cure and the images concerned. */
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { ResultTable } from "../../parts/table";
import { Thumbnails } from "../../parts/thumbnails";
import { post, useGet } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import { go, withQuery } from "../../shell/route";
import { useWork, WorkProgress } from "./job";
import type { Checked, Finding, SetWhole } from "./types";

const LOOKS = { serious: "note bad", warning: "note warn", note: "note" };

export function SetCheck({ set }: { set: SetWhole }) {
  const t = useText("data");
  const { data, error, again } = useGet<Checked>(`/api/sets/${set.id}/check`);
  const work = useWork<number>(again);
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  return (
    <div className="stack">
      <div className="row">
        <button className={data?.known ? "" : "primary"} disabled={work.busy} onClick={() => work.begin(() => post(`/api/sets/${set.id}/check?language=${language}`))}>
          <Icon name="check" size={18} /> {t(data?.known ? "check_again" : "check")}
        </button>
        <span className="soft">{t("check_more")}</span>
      </div>
      <WorkProgress work={work} label={t("checking")} />
      <Fault error={error ?? work.fault} />
      {data?.known && data.findings.length === 0 && <p className="note good">{t("nothing_wrong")}</p>}
      {data?.findings.map((finding, number) => <FindingNote key={number} finding={finding} />)}
      {!!data?.copies.length && (
        <section className="card stack">
          <h3>{t("copies")}</h3>
          {data.copies.slice(0, 30).map((group) => (
            <Thumbnails key={group.join()} label={t("copies")} size={96} onPress={(address) => go(`/viewer?${group.map((row) => `address=set:${set.id}:${row}`).join("&")}${address ? "" : ""}`)} images={group.slice(0, 12).map((row) => ({ address: `set:${set.id}:${row}`, caption: String(row + 1) }))} />
          ))}
        </section>
      )}
      {data?.summary && <ResultTable table={data.summary} />}
    </div>
  );
}

function FindingNote({ finding }: { finding: Finding }) {
  const t = useText("data");
  const say = useSay();
  return (
    <div className={LOOKS[finding.severity]}>
      <p>
        <strong>{t(finding.severity)}</strong> {say(finding.text)}
      </p>
      <div className="row">
        <span className="soft">{say(finding.cure)}</span>
        {finding.rows.length > 0 && (
          <button className="small" onClick={() => go(withQuery({ tab: "images", only: finding.rows.slice(0, 300).join(",") }))}>
            {t("show_images")}
          </button>
        )}
      </div>
    </div>
  );
}

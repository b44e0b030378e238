/** Which runs, in which order, with which of their sections. */
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useSay, useText, type Say } from "../../shell/language";
import type { RunAbout } from "../results/types";
import type { Wish } from "./index";

interface Chapter {
  id: string;
  name: string;
  parts: { key: string; title: Say }[];
}

export function Choose({ runs, wish, onChange }: { runs: RunAbout[]; wish: Wish; onChange: (next: Partial<Wish>) => void }) {
  const t = useText("report");
  const say = useSay();
  const query = wish.runs.map((run) => `run=${encodeURIComponent(run)}`).join("&");
  const { data: chapters } = useGet<Chapter[]>(query ? `/api/report/parts?${query}` : null);
  const others = runs.filter((run) => !wish.runs.includes(run.id));
  /** Another order of the runs; what was dropped goes with its run. */
  const reorder = (next: string[]) => onChange({ runs: next, drop: wish.drop.flatMap((one) => moved(one, wish.runs, next)) });
  const swap = (i: number, by: number) => {
    const next = [...wish.runs];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    reorder(next);
  };
  const toggle = (name: string) => onChange({ drop: wish.drop.includes(name) ? wish.drop.filter((one) => one !== name) : [...wish.drop, name] });
  return (
    <>
      <h3>{t("in_report")}</h3>
      {wish.runs.length === 0 && <p className="soft tiny">{t("choose_runs")}</p>}
      {wish.runs.map((run, i) => {
        const chapter = chapters?.find((one) => one.id === run);
        return (
          <details key={run} className="report-run" open={wish.runs.length === 1}>
            <summary>
              <span className="grow">{chapter?.name ?? runs.find((one) => one.id === run)?.name ?? run}</span>
              <button className="ghost icon" disabled={i === 0} onClick={(event) => (event.preventDefault(), swap(i, -1))} aria-label={t("up")}>
                <Icon name="up" size={14} />
              </button>
              <button className="ghost icon" disabled={i === wish.runs.length - 1} onClick={(event) => (event.preventDefault(), swap(i, 1))} aria-label={t("down")}>
                <Icon name="down" size={14} />
              </button>
              <button className="ghost icon" onClick={(event) => (event.preventDefault(), reorder(wish.runs.filter((one) => one !== run)))} aria-label={t("take_out")}>
                <Icon name="close" size={14} />
              </button>
            </summary>
            {chapter?.parts.map((part) => (
              <label key={part.key} className="field inline">
                <input type="checkbox" checked={!wish.drop.includes(`${i}:${part.key}`)} onChange={() => toggle(`${i}:${part.key}`)} /> {say(part.title)}
              </label>
            ))}
          </details>
        );
      })}
      {others.length > 0 && <h3>{t("add")}</h3>}
      <ul className="report-others">
        {others.map((run) => (
          <li key={run.id}>
            <button className="ghost" onClick={() => onChange({ runs: [...wish.runs, run.id] })}>
              <Icon name="add" size={16} />
              <span className="grow">
                {run.name} <span className="soft tiny">{say(run.label)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function moved(dropped: string, before: string[], after: string[]): string[] {
  const [number = "", key = ""] = [dropped.slice(0, dropped.indexOf(":")), dropped.slice(dropped.indexOf(":") + 1)];
  const place = after.indexOf(before[Number(number)] ?? "");
  return place < 0 ? [] : [`${place}:${key}`];
}

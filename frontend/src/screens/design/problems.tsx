/** What is wrong, with a button for the cure; a click shows the block. And the sums over the whole network. */
import { Icon } from "../../parts/icons";
import { useFormat, useSay, useText } from "../../shell/language";
import type { Analysis, Edit } from "./types";

export function Problems({ analysis, show, mend }: { analysis: Analysis; show: (id: string) => void; mend: (edits: Edit[]) => void }) {
  const t = useText("design");
  const say = useSay();
  if (analysis.problems.length === 0) return null;
  return (
    <ul className="design-problems" aria-label={t("problems")}>
      {analysis.problems.map((problem, number) => (
        <li key={`${problem.kind}/${problem.block}/${number}`} className={`design-problem-${problem.severity}`}>
          <button className="ghost design-problem" disabled={!problem.block} onClick={() => show(problem.block)}>
            <Icon name={problem.severity === "note" ? "help" : "warning"} size={17} />
            <span>{say(problem.text)}</span>
          </button>
          {problem.fix && (
            <button className="small" onClick={() => mend(problem.fix?.edits ?? [])}>
              {say(problem.fix.label)}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Totals({ analysis, batch, setBatch }: { analysis: Analysis | null; batch: number; setBatch: (batch: number) => void }) {
  const t = useText("design");
  const format = useFormat();
  const errors = analysis?.problems.filter((problem) => problem.severity === "error").length ?? 0;
  return (
    <dl className="design-totals">
      <div>
        <dt>{t("parameters")}</dt>
        <dd data-total="parameters">{analysis ? format.whole(analysis.parameters) : "–"}</dd>
      </div>
      <div title={t("multiply_adds_how")}>
        <dt>{t("multiply_adds")}</dt>
        <dd data-total="multiply-adds">{analysis ? `${analysis.estimated ? "≈ " : ""}${short(analysis.multiply_adds)}` : "–"}</dd>
      </div>
      <div title={t("memory_how")}>
        <dt>
          <label htmlFor="design-batch">{t("memory_for")}</label>
          <input id="design-batch" type="number" min={1} max={4096} value={batch} onChange={(event) => setBatch(Math.min(4096, Math.max(1, Math.round(Number(event.target.value)) || 1)))} />
        </dt>
        <dd>≈ {analysis ? format.bytes(analysis.memory_bytes) : "–"}</dd>
      </div>
      <div className="design-state">
        <dd>{analysis && (errors ? <span className="tag bad">{t("n_errors", { n: errors })}</span> : <span className="tag good">{t("ready")}</span>)}</dd>
      </div>
    </dl>
  );
}

const short = (n: number) => (n >= 1e9 ? `${(n / 1e9).toFixed(2)} G` : n >= 1e6 ? `${(n / 1e6).toFixed(1)} M` : n >= 1e3 ? `${(n / 1e3).toFixed(1)} k` : String(n));

/** The confusion matrix; a cell opens its images. The chosen cell stands in the address. */
import { useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { FigureButton } from "../../parts/figure";
import { useSay } from "../../shell/language";
import type { ConfusionNumbers, Picture, RunResult } from "./types";

export function ConfusionMatrix({ run, picture, numbers }: { run: RunResult; picture: Picture; numbers: ConfusionNumbers }) {
  const t = useText("results");
  const say = useSay();
  const cell = useRoute().query.get("cell");
  const openable = run.sections.some((section) => section.tables.some((table) => table.classes));
  const open = (name: string) => {
    go(withQuery({ cell: cell === name ? null : name, image: null }), { replace: true });
    setTimeout(() => document.getElementById("predictions")?.scrollIntoView({ behavior: "smooth" }), 50);
  };
  return (
    <figure className="result-figure results-confusion">
      <div className="results-matrix" style={{ gridTemplateColumns: `auto repeat(${numbers.classes.length}, minmax(72px, 1fr))` }} role="table" aria-label={say(picture.caption)}>
        <span className="results-corner soft tiny">{t("truth_predicted")}</span>
        {numbers.classes.map((name) => (
          <span key={name} className="results-class">
            {name}
          </span>
        ))}
        {numbers.counts.map((row, i) => [
          <span key={`t${i}`} className="results-class truth">
            {numbers.classes[i]}
          </span>,
          ...row.map((count, j) => {
            const percent = numbers.percent[i]![j];
            const name = `${i},${j}`;
            return (
              <button
                key={name}
                className="results-cell"
                data-right={i === j || undefined}
                aria-pressed={cell === name}
                disabled={!openable || count === 0}
                style={{ "--share": `${percent ?? 0}%` } as React.CSSProperties}
                onClick={() => open(name)}
                title={openable && count ? t("open_images") : undefined}
              >
                <b>{count}</b>
                <span>{percent === null || percent === undefined ? "–" : `${percent.toFixed(0)} %`}</span>
              </button>
            );
          }),
        ])}
      </div>
      <figcaption>
        <span>
          {say(picture.caption)}
          {openable ? ` ${t("cell_opens")}` : ""}
        </span>
        <FigureButton run={run.id} picture={picture} />
      </figcaption>
    </figure>
  );
}

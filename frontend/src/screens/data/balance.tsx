/** How many images (and patients) each class has, as bars; a class is chosen by pressing its bar. */
import { useFormat, useText } from "../../shell/language";
import type { ClassCount } from "./types";

export function Balance({ classes, chosen, onChoose }: { classes: ClassCount[]; chosen?: string | null; onChoose?: (name: string | null) => void }) {
  const t = useText("data");
  const format = useFormat();
  const most = Math.max(1, ...classes.map((one) => one.images));
  const named = classes.filter((one) => one.name);
  const rare = named.length > 1 && Math.min(...named.map((one) => one.images)) < 0.1 * most;
  return (
    <div className="stack">
      <div className="data-bars" role="group" aria-label={t("classes")}>
        {classes.map((one) => (
          <button key={one.name} className="ghost data-bar" aria-pressed={chosen === one.name} disabled={!onChoose} onClick={() => onChoose?.(chosen === one.name ? null : one.name)}>
            <span className={one.name ? "data-bar-name" : "data-bar-name soft"}>{one.name || t("empty_cell")}</span>
            <span className="data-bar-count">
              {format.whole(one.images)}
              {one.patients !== null && <span className="soft"> / {t("n_people", { n: format.whole(one.patients) })}</span>}
            </span>
            <span className="data-bar-line" style={{ width: `${(100 * one.images) / most}%` }} data-empty={one.name ? undefined : ""} />
          </button>
        ))}
      </div>
      {rare && <p className="tiny soft">{t("imbalance")}</p>}
    </div>
  );
}

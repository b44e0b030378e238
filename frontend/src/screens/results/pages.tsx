import { Icon } from "../../parts/icons";
import { useText } from "../../shell/language";

/** One page back, one page on, and where we are. */
export function Pages({ start, size, total, onStart }: { start: number; size: number; total: number; onStart: (start: number) => void }) {
  const t = useText("results");
  if (total <= size && start === 0) return null;
  return (
    <div className="row results-pages">
      <button className="ghost icon" disabled={start === 0} onClick={() => onStart(Math.max(0, start - size))} aria-label={t("back")}>
        <Icon name="left" size={16} />
      </button>
      <span className="soft tiny">{t("n_to_n_of_n", { from: start + 1, to: Math.min(total, start + size), total })}</span>
      <button className="ghost icon" disabled={start + size >= total} onClick={() => onStart(start + size)} aria-label={t("on")}>
        <Icon name="right" size={16} />
      </button>
    </div>
  );
}

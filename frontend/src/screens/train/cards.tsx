/** One card for each method that is registered; nothing here is written for one of them. */
import { Icon, type IconName } from "../../parts/icons";
import { useSay, useText } from "../../shell/language";
import type { Method } from "./types";

const ICONS: Record<string, IconName> = { classify: "list", detect: "search", segment: "annotate", estimate: "measure", generate: "try", anomaly: "warning", denoise: "sliders", search: "network" };

export function MethodCards({ methods, chosen, onChoose }: { methods: Method[]; chosen: string; onChoose: (name: string) => void }) {
  const t = useText("train");
  const say = useSay();
  return (
    <section className="stack" aria-label={t("what")}>
      <h3>{t("what")}</h3>
      <div className="train-cards" role="radiogroup" aria-label={t("what")}>
        {methods.map((method) => (
          <button key={method.name} className="card train-card" role="radio" aria-checked={method.name === chosen} onClick={() => onChoose(method.name)}>
            <Icon name={ICONS[method.task] ?? "train"} size={22} />
            <span>
              <b>{say(method.label)}</b>
              {method.about && <span className="soft tiny">{say(method.about)}</span>}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}

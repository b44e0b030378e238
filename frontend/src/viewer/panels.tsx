/** What stands beside the images: statistics of regions, a profile, facts. */
import { useSay, useText } from "../shell/language";
import type { Facts } from "./viewer";
import { LayersPanel, type LayersHandle } from "./layers";
import { LineProfile } from "./profile";
import { RegionStatistics } from "./statistics";
import type { Pixels } from "./pixels";
import type { Pane } from "./types";
import type { ShapesHandle } from "./use_shapes";
import type { ViewModel } from "./view";

export type PanelName = "layers" | "statistics" | "profile" | "facts";

interface Props {
  names: PanelName[];
  panes: Pane[];
  pixels: (Pixels | null)[];
  model: ViewModel;
  shapes?: ShapesHandle;
  facts?: Facts;
  layers: LayersHandle;
}

export function Panels({ names, panes, pixels, model, shapes, facts, layers }: Props) {
  return (
    <aside className="viewer-panels">
      {names.includes("layers") && <LayersPanel {...layers} />}
      {names.includes("statistics") && <RegionStatistics panes={panes} pixels={pixels} model={model} shapes={shapes} />}
      {names.includes("profile") && <LineProfile panes={panes} pixels={pixels} model={model} shapes={shapes} />}
      {names.includes("facts") && <FactRows facts={facts} />}
    </aside>
  );
}

function FactRows({ facts }: { facts?: Facts }) {
  const t = useText("viewer");
  const say = useSay();
  return (
    <section className="viewer-panel">
      <h3>{t("facts")}</h3>
      <dl className="viewer-facts">
        {facts?.rows.map((row, i) => (
          <div key={i}>
            <dt>{say(row.label)}</dt>
            <dd>{say(row.value)}</dd>
          </div>
        ))}
      </dl>
      {facts && facts.history.length > 0 && (
        <>
          <h4>{t("history")}</h4>
          <ol className="viewer-history">
            {facts.history.map((step, i) => (
              <li key={i}>
                <code>{step.name}</code> <span className="soft tiny">{Object.entries(step.options).map(([name, value]) => `${name} = ${String(value)}`).join(", ")}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

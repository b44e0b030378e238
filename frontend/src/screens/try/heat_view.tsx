/** An image in the viewer, with where the network looked as a layer over it. */
import { useMemo } from "react";

import { useText } from "../../shell/language";
import { Viewer, type Pane } from "../../viewer";

export function HeatView({ address, heat, onNeighbour }: { address: string; heat: string | null; onNeighbour?: (step: -1 | 1) => void }) {
  const t = useText("try");
  const name = t("heat");
  const panes = useMemo<Pane[]>(() => [{ address, layers: heat ? [{ kind: "heat", address: heat, opacity: 0.45, name }] : [] }], [address, heat, name]);
  return (
    <div className="heat-view">
      <Viewer panes={panes} onNeighbour={onNeighbour} />
    </div>
  );
}

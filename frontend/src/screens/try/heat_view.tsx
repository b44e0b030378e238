/** An image in the viewer with what a network made of it: heat map, mask, boxes; or before, after and difference. */
import { useMemo } from "react";

import { useText } from "../../shell/language";
import { Viewer, type BoxesLayer, type Layer, type Pane } from "../../viewer";
import type { Judged } from "./judging";

interface Given {
  address: string;
  judged: Judged | null;
  /** Which of the images. */
  at?: number;
  /** Lay over the image what was found. */
  show: boolean;
  /** Score from which boxes are shown; that of the network when missing. */
  least?: number;
  onNeighbour?: (step: -1 | 1) => void;
}

const TRUE = "#4fd1a5";
const code = encodeURIComponent;

export function HeatView({ address, judged, at = 0, show, least, onNeighbour }: Given) {
  const t = useText("try");
  const panes = useMemo<Pane[]>(() => {
    const made = judged?.made[at];
    if (made && judged.family !== "segment") {
      const before = judged.before[at] ?? address;
      return [
        { address: before, title: t("before"), group: "a" },
        { address: made, title: t("after"), group: "a" },
        { address: `difference:${code(made)}:${code(before)}`, title: t("difference") },
      ];
    }
    const layers: Layer[] = [];
    const heat = judged?.heat[at];
    const truth = judged?.truth[at];
    const found = judged?.boxes[at];
    if (heat) layers.push({ kind: "heat", address: heat, opacity: 0.45, name: t("heat"), hidden: !show });
    if (made) layers.push({ kind: "mask", address: made, name: judged.structures.join(", ") || t("found"), hidden: !show });
    if (truth && made) layers.push({ kind: "mask", address: truth, outline: true, opacity: 1, palette: [TRUE], name: t("truth"), hidden: !show });
    if (found) {
      layers.push({ ...boxes(found.filter((box) => box[4]! >= (least ?? judged.threshold ?? 0))), name: t("found"), hidden: !show });
      layers.push({ ...boxes(judged.true_boxes[at] ?? [], TRUE), name: t("truth"), hidden: !show });
    }
    return [{ address, layers }];
  }, [address, judged, at, show, least, t]);
  return (
    <div className="heat-view">
      <Viewer panes={panes} onNeighbour={onNeighbour} />
    </div>
  );
}

/** The corner of the first pixel is (0, 0) for the server, its centre for the viewer. */
function boxes(all: number[][], colour?: string): BoxesLayer {
  return { kind: "boxes", boxes: all.map(([x, y, width, height, score]) => ({ x: x! - 0.5, y: y! - 0.5, width: width!, height: height!, label: score?.toFixed(2), colour })) };
}

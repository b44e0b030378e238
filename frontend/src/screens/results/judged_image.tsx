/** One test image with where the network looked; the map is made when the image is opened. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import type { Cell } from "../../parts/table";
import { cellText } from "../../parts/table";
import { useSay, useText } from "../../shell/language";
import { HeatView } from "../try/heat_view";
import "../try/try.css";
import { useJudged } from "../try/judging";

interface Given {
  run: string;
  row: number;
  told: Cell[] | undefined;
  onClose: () => void;
  onStep: (by: number) => void;
}

export function JudgedImage({ run, row, told, onClose, onStep }: Given) {
  const t = useText("results");
  const words = useText("table");
  const say = useSay();
  const [heat, setHeat] = useState(true);
  const address = `row:${run}:${row}`;
  const { outcome, error, busy } = useJudged(run, [address]);
  return (
    <aside className="card results-image" aria-label={t("image_of_row", { row })}>
      <header className="row between">
        <h3>{t("image_of_row", { row })}</h3>
        <div className="row">
          <button className="ghost icon" onClick={() => onStep(-1)} aria-label={t("back")}>
            <Icon name="left" size={16} />
          </button>
          <button className="ghost icon" onClick={() => onStep(1)} aria-label={t("on")}>
            <Icon name="right" size={16} />
          </button>
          <button className="ghost icon" onClick={onClose} aria-label={t("close")}>
            <Icon name="close" size={16} />
          </button>
        </div>
      </header>
      <HeatView address={address} judged={outcome} show={heat} onNeighbour={onStep} />
      {told && (
        <p>
          {t("truth")}: <b>{cellText(told[2]!, say, words)}</b> · {t("predicted")}: <b>{cellText(told[3]!, say, words)}</b>
        </p>
      )}
      {(told || outcome?.heat[0]) && (
        <label className="field inline">
          <input type="checkbox" checked={heat} onChange={(event) => setHeat(event.target.checked)} /> {t("show_heat")}
        </label>
      )}
      {busy && (
        <p className="soft tiny row">
          <Busy small /> {t(told ? "making_heat" : "judging")}
        </p>
      )}
      {told && <p className="soft tiny">{t("heat_caution")}</p>}
      <Fault error={error} />
    </aside>
  );
}

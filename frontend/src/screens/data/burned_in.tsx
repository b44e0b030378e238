/** Images that may have names burned in: a contact sheet of each group, and rectangles that are blacked out in all of its copies. */
import { useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Icon } from "../../parts/icons";
import { useSay, useText } from "../../shell/language";
import { Blackout } from "./blackout";
import type { Cure, Group } from "./types";

export function BurnedIn({ token, groups, cures, onCures }: { token: string; groups: Group[]; cures: Record<string, Cure>; onCures: (cures: Record<string, Cure>) => void }) {
  const t = useText("data");
  const [shown, setShown] = useState<Group | null>(null);
  const doubtful = groups.filter((group) => group.doubt);
  const others = groups.filter((group) => !group.doubt);
  const decide = (group: Group, cure: Cure | null) => {
    const { [group.key]: _, ...rest } = cures;
    onCures(cure ? { ...rest, [group.key]: cure } : rest);
  };
  const line = (group: Group) => <GroupLine key={group.key} token={token} group={group} cure={cures[group.key]} onOpen={() => setShown(group)} onDecide={(cure) => decide(group, cure)} />;
  return (
    <section className="card stack">
      <h3>{t("burned")}</h3>
      <p className="soft">{t(doubtful.length ? "burned_doubt" : "burned_none")}</p>
      {doubtful.map(line)}
      {others.length > 0 && (
        <details>
          <summary>{t("burned_others", { n: others.length })}</summary>
          <div className="stack">{others.map(line)}</div>
        </details>
      )}
      {shown && (
        <Dialog title={t("blackout")} open wide onClose={() => setShown(null)}>
          <Blackout token={token} group={shown} cure={cures[shown.key] ?? { take: true, rectangles: [] }} onCure={(cure) => (decide(shown, cure), setShown(null))} />
        </Dialog>
      )}
    </section>
  );
}

function GroupLine({ token, group, cure, onOpen, onDecide }: { token: string; group: Group; cure: Cure | undefined; onOpen: () => void; onDecide: (cure: Cure | null) => void }) {
  const t = useText("data");
  const say = useSay();
  const state = !cure ? (group.doubt ? "open" : "") : !cure.take ? "out" : cure.rectangles.length ? "black" : "clean";
  return (
    <div className="data-group">
      <button className="data-sheet" onClick={onOpen} aria-label={t("blackout")}>
        {group.rows.slice(0, 8).map((row) => (
          <img key={row} src={`/api/uploads/incoming/${token}/picture?row=${row}&px=160`} alt="" loading="lazy" />
        ))}
      </button>
      <div className="stack">
        <div className="row">
          <strong>
            {group.modality} {group.width} × {group.height}
          </strong>
          <span>{t("n_images", { n: group.count })}</span>
          {state && <span className={state === "open" ? "tag warn" : "tag good"}>{t(`cure_${state}`, { n: cure?.rectangles.length ?? 0 })}</span>}
        </div>
        {group.doubt && <span className="soft tiny">{say(group.doubt)}</span>}
        <div className="row">
          <button className="small" onClick={onOpen}>
            <Icon name="eye" size={16} /> {t("look_and_black")}
          </button>
          {group.doubt && (
            <>
              <button className="small" onClick={() => onDecide({ take: true, rectangles: [] })} aria-pressed={state === "clean"}>
                {t("no_text")}
              </button>
              <button className="small" onClick={() => onDecide({ take: false, rectangles: [] })} aria-pressed={state === "out"}>
                {t("leave_out")}
              </button>
            </>
          )}
        </div>
      </div>
    </div>
  );
}

/** The blocks there are: dragged onto the canvas, or added behind the chosen block by a click or the Enter key. */
import { useMemo, useState } from "react";

import { useSay, useText } from "../../shell/language";
import { DRAGGED } from "./canvas";
import type { Kind, Palette } from "./types";

export function PaletteList({ palette, add }: { palette: Palette; add: (kind: Kind) => void }) {
  const t = useText("design");
  const say = useSay();
  const [wanted, want] = useState("");
  const found = useMemo(() => {
    const word = wanted.normalize("NFKC").trim().toLowerCase();
    return palette.kinds.filter((kind) => !word || [kind.label.ja, kind.label.en, kind.name, kind.about].some((text) => text.toLowerCase().includes(word)));
  }, [palette, wanted]);
  return (
    <nav className="design-palette" aria-label={t("blocks")}>
      <input type="search" value={wanted} placeholder={t("search_blocks")} aria-label={t("search_blocks")} onChange={(event) => want(event.target.value)} onKeyDown={(event) => event.key === "Enter" && found[0] && add(found[0])} />
      <div className="design-groups">
        {palette.groups.map((group) => {
          const kinds = found.filter((kind) => kind.group === group.name);
          return kinds.length === 0 ? null : (
            <section key={group.name}>
              <h3>{say(group.label)}</h3>
              {kinds.map((kind) => (
                <button
                  key={kind.name}
                  className={`ghost design-item design-${kind.group}`}
                  draggable
                  title={t("add_how", { name: say(kind.label) })}
                  data-kind={kind.name}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(DRAGGED, kind.name);
                    event.dataTransfer.effectAllowed = "copy";
                  }}
                  onClick={() => add(kind)}
                >
                  {say(kind.label)}
                </button>
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="soft">{t("no_blocks")}</p>}
      </div>
    </nav>
  );
}

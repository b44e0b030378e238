/** The classes to choose from, with the digit that chooses each. */
import { useKeys } from "../../parts/keys";
import { useText } from "../../shell/language";
import { colourOf } from "./types";

export function Classes({ classes, chosen, onChoose }: { classes: string[]; chosen: string; onChoose: (name: string, place: number) => void }) {
  const t = useText("annotate");
  useKeys(Object.fromEntries(classes.slice(0, 9).map((name, place) => [String(place + 1), () => onChoose(name, place)])));
  return (
    <div className="annotate-classes" role="group" aria-label={t("classes")}>
      {classes.map((name, place) => (
        <button key={name} aria-pressed={name === chosen} onClick={() => onChoose(name, place)}>
          <span className="annotate-dot" style={{ background: colourOf(place) }} aria-hidden="true" />
          <span className="grow">{name}</span>
          {place < 9 && <kbd>{place + 1}</kbd>}
        </button>
      ))}
    </div>
  );
}

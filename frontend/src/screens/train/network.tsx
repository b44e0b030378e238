/** The network: one that is known, or one of the user's own designs. */
import { OptionForm, valueOf, type Option, type Values } from "../../form";
import { Icon } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { SCREENS } from "../table";

interface Design {
  name: string;
}

const OWN = "design:";

export function Network({ option, values, onChange }: { option: Option; values: Values; onChange: (values: Values) => void }) {
  const t = useText("train");
  const designer = SCREENS.some((screen) => screen.name === "design");
  const { data } = useGet<Design[]>(designer ? "/api/designs" : null);
  const now = String(valueOf(option, values) ?? "");
  const mine = now.startsWith(OWN) ? now.slice(OWN.length) : "";
  const designs = data ?? [];
  const names = [...new Set([...designs.map((design) => design.name), ...(mine ? [mine] : [])])];
  const others = Object.fromEntries(Object.entries(values).filter(([name]) => name !== option.name));
  const own = option.name in values && !mine ? { [option.name]: values[option.name] } : {};
  return (
    <section className="card stack">
      <div className="row between">
        <h3>{t("network")}</h3>
        {designer && (
          <Go to={mine ? `/design/${encodeURIComponent(mine)}` : "/design"} className="row train-design">
            <Icon name="network" size={16} /> {t("to_design")}
          </Go>
        )}
      </div>
      {names.length > 0 && (
        <label className="field">
          <span>{t("own_design")}</span>
          <select value={mine} onChange={(event) => onChange(event.target.value ? { ...others, [option.name]: OWN + event.target.value } : others)}>
            <option value="">{t("no_design")}</option>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {!mine && <OptionForm options={[option]} values={own} onChange={(next) => onChange({ ...others, ...next })} />}
    </section>
  );
}

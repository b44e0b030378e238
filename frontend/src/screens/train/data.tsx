/** Which images teach, and which column says what. */
import { Fault } from "../../parts/fault";
import { useGet } from "../../shell/api";
import { useFormat, useText } from "../../shell/language";
import { Go } from "../../shell/route";
import type { RoleName, SetEntry, SetFacts, Wish } from "./types";

const ROLES: RoleName[] = ["label", "value", "mask", "patient", "split"];

interface Given {
  sets: SetEntry[];
  wish: Wish;
  classes: string[];
  /** The parts that the method needs. */
  needs: string[];
  onChange: (part: Partial<Wish>) => void;
}

export function Data({ sets, wish, classes, needs, onChange }: Given) {
  const t = useText("train");
  const format = useFormat();
  const { data: facts, error } = useGet<SetFacts>(wish.set ? `/api/sets/${wish.set}` : null);
  const chosen = sets.find((one) => one.id === wish.set);
  const first = ROLES.filter((role) => role === "patient" || needs.includes(role));
  const positive = typeof wish.options.positive === "string" ? wish.options.positive : "";
  const setPositive = (name: string) => {
    const { positive: _, ...others } = wish.options;
    onChange({ options: name ? { ...others, positive: name } : others });
  };
  return (
    <section className="card stack">
      <div className="row between">
        <h3>{t("data")}</h3>
        {chosen && <Go to={`/data/${chosen.id}`}>{t("look")}</Go>}
      </div>
      <div className="train-data">
        <label className="field train-wide">
          <span>{t("set")}</span>
          <select value={wish.set} onChange={(event) => onChange({ set: event.target.value, roles: {}, options: without(wish.options, "positive") })}>
            {sets.map((one) => (
              <option key={one.id} value={one.id}>
                {t("set_line", { name: one.name, n: format.whole(one.rows) })}
              </option>
            ))}
          </select>
        </label>
        {first.map((role) => (
          <Role key={role} role={role} facts={facts} wish={wish} onChange={onChange} />
        ))}
        {needs.includes("boxes") && facts && <p className={facts.roles.boxes ? "soft tiny" : "note warn"}>{t(facts.roles.boxes ? "has_boxes" : "no_boxes")}</p>}
        {classes.length === 2 && (
          <label className="field">
            <span>{t("positive")}</span>
            <select value={positive} onChange={(event) => setPositive(event.target.value)}>
              <option value="">{t("positive_automatic", { name: classes.at(-1) ?? "" })}</option>
              {classes.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <details>
        <summary className="soft tiny">{t("more_roles")}</summary>
        <div className="train-data">
          {ROLES.filter((role) => !first.includes(role)).map((role) => (
            <Role key={role} role={role} facts={facts} wish={wish} onChange={onChange} />
          ))}
        </div>
      </details>
      {chosen?.simulated && <p className="soft tiny">{t("simulated")}</p>}
      <Fault error={error} />
    </section>
  );
}

function Role({ role, facts, wish, onChange }: { role: RoleName; facts: SetFacts | undefined; wish: Wish; onChange: (part: Partial<Wish>) => void }) {
  const t = useText("train");
  const own = facts?.roles[role] ?? "";
  const now = role in wish.roles ? (wish.roles[role] ?? "") : own;
  const columns = (facts?.columns ?? []).filter((column) => column.kind !== "boxes");
  const choose = (name: string) => {
    const { [role]: _, ...others } = wish.roles;
    onChange({ roles: name === own ? others : { ...others, [role]: name || null } });
  };
  return (
    <label className="field">
      <span>{t(`role_${role}`)}</span>
      <select value={now} disabled={!facts} onChange={(event) => choose(event.target.value)}>
        <option value="">{t("no_column")}</option>
        {own && !columns.some((column) => column.name === own) && <option value={own}>{own}</option>}
        {columns.map((column) => (
          <option key={column.name} value={column.name}>
            {column.kind === "category" ? t("column_levels", { name: column.name, n: column.different }) : column.name}
          </option>
        ))}
      </select>
    </label>
  );
}

const without = (values: Wish["options"], name: string) => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));

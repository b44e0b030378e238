/** One condition: a column, a comparison, a value. */
import { Icon } from "../../parts/icons";
import { useText } from "../../shell/language";
import type { Column, Condition } from "./types";

const ALONE = ["first", "last", "one"];

export const fits = (one: Condition): boolean => ALONE.includes(one.sign) || one.sign === "filled" || (!!one.column && one.values.some((value) => value.trim()));

/** A condition to begin with, by what stands in the first column that can be asked about. */
export function opening(columns: Column[]): Condition {
  const column = columns.find((one) => one.role !== "patient") ?? columns[0]!;
  return usual(column);
}

const usual = (column: Column): Condition =>
  column.kind === "number" ? { sign: ">=", column: column.name, values: [String(column.low ?? 0)] } : column.role === "date" ? { sign: ">=", column: column.name, values: [""] } : column.kind === "category" ? { sign: "in", column: column.name, values: column.levels.map(([value]) => value) } : { sign: "filled", column: column.name, values: [] };

export function ConditionLine({ columns, condition, onChange }: { columns: Column[]; condition: Condition; onChange: (condition: Condition | null) => void }) {
  const t = useText("data");
  const column = columns.find((one) => one.name === condition.column);
  const signs = column?.kind === "number" || column?.role === "date" ? [">=", "<=", ">", "<", "=", "!=", "filled"] : ["in", "=", "!=", "filled"];
  const toggle = (value: string) => onChange({ ...condition, values: condition.values.includes(value) ? condition.values.filter((one) => one !== value) : [...condition.values, value] });
  return (
    <div className="card data-condition">
      {ALONE.includes(condition.sign) ? (
        <span className="grow">{t(`sign_${condition.sign}`)}</span>
      ) : (
        <div className="row grow">
          <select aria-label={t("column")} value={condition.column} onChange={(event) => onChange(usual(columns.find((one) => one.name === event.target.value)!))}>
            {columns.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
          <select aria-label={t("comparison")} value={condition.sign} onChange={(event) => onChange({ ...condition, sign: event.target.value, values: event.target.value === "filled" ? [] : event.target.value === "in" ? condition.values : condition.values.slice(0, 1) })}>
            {signs.map((sign) => (
              <option key={sign} value={sign}>
                {t(`sign_${sign}`)}
              </option>
            ))}
          </select>
          {condition.sign === "in" && column?.kind === "category" ? (
            column.levels.map(([value, count]) => (
              <label key={value} className="row data-level">
                <input type="checkbox" checked={condition.values.includes(value)} onChange={() => toggle(value)} /> {value} <span className="soft">{count}</span>
              </label>
            ))
          ) : condition.sign !== "filled" ? (
            column?.kind === "category" ? (
              <select aria-label={t("value")} value={condition.values[0] ?? ""} onChange={(event) => onChange({ ...condition, values: [event.target.value] })}>
                <option value="">–</option>
                {column.levels.map(([value, count]) => (
                  <option key={value} value={value}>
                    {value} ({count})
                  </option>
                ))}
              </select>
            ) : (
              <input aria-label={t("value")} type={column?.role === "date" ? "date" : "text"} value={condition.values[0] ?? ""} onChange={(event) => onChange({ ...condition, values: [event.target.value] })} />
            )
          ) : null}
        </div>
      )}
      <button className="ghost icon" aria-label={t("remove")} onClick={() => onChange(null)}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

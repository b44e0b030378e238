/** What each column of a table is for: one line a column, with what stands in it and what is proposed. */
import { useSay, useText } from "../../shell/language";
import { USES, type Proposed, type Use } from "./types";

export function ColumnUses({ columns, uses, onUse, without = [] }: { columns: Proposed[]; uses: Record<string, Use>; onUse: (name: string, use: Use) => void; without?: Use[] }) {
  const t = useText("data");
  const say = useSay();
  return (
    <div className="table-box">
      <table className="table data-columns">
        <thead>
          <tr>
            <th>{t("column")}</th>
            <th>{t("content")}</th>
            <th>{t("use")}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => {
            const use = uses[column.name] ?? "leave";
            return (
              <tr key={column.name} className={use === "leave" ? "soft" : undefined}>
                <td>{column.name === "folder" ? t("folder_column") : column.name}</td>
                <td>
                  {column.examples.length > 0 ? (
                    column.examples.map(([value, count]) => (
                      <span key={value} className="tag data-example">
                        {value} <span className="soft">{count}</span>
                      </span>
                    ))
                  ) : (
                    <span className="soft">{t("n_filled", { filled: column.filled, different: column.different })}</span>
                  )}
                  {column.why && <div className="tiny soft">{say(column.why)}</div>}
                </td>
                <td>
                  <select aria-label={`${column.name}: ${t("use")}`} value={use} onChange={(event) => onUse(column.name, event.target.value as Use)}>
                    {USES.filter((one) => !without.includes(one)).map((one) => (
                      <option key={one} value={one}>
                        {t(`use_${one}`)}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Each part is played by one column: choosing it for another takes it from the first. */
export function withUse(uses: Record<string, Use>, name: string, use: Use): Record<string, Use> {
  const alone = use !== "keep" && use !== "leave";
  const others = Object.entries(uses).map(([other, own]): [string, Use] => [other, alone && own === use ? (use === "patient" ? "leave" : "keep") : own]);
  return { ...Object.fromEntries(others), [name]: use };
}

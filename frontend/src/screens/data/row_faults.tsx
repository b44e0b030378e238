/** What is wrong with a table, row by row; cells are not shown, the line number finds them in Excel. */
import { useSay, useText } from "../../shell/language";
import type { Fitted } from "./types";

export function RowFaults({ fitted }: { fitted: Fitted }) {
  const t = useText("data");
  const say = useSay();
  if (!fitted.fault_count) return null;
  return (
    <details>
      <summary>{t("n_row_faults", { n: fitted.fault_count })}</summary>
      <div className="table-box data-row-faults">
        <table className="table">
          <thead>
            <tr>
              <th className="number">{t("line")}</th>
              <th>{t("what")}</th>
            </tr>
          </thead>
          <tbody>
            {fitted.faults.map((fault, number) => (
              <tr key={number}>
                <td className="number">{fault.line}</td>
                <td>
                  {!fault.serious && <span className="tag">{t("used")}</span>} {say(fault)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

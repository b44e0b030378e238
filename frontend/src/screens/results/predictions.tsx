/** What was said of each image: worst first, filtered by a cell of the confusion matrix; a row opens its image. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { ResultTable, type Order, type PlainTable } from "../../parts/table";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go, useRoute, withQuery } from "../../shell/route";
import { JudgedImage } from "./judged_image";
import { Pages } from "./pages";

const PAGE = 30;
const [ROW, TRUTH, PREDICTED] = [0, 2, 3];

export function Predictions({ run, section, number, source, first }: { run: string; section: string; number: number; source: string; first: PlainTable }) {
  const t = useText("results");
  const { query } = useRoute();
  const [order, setOrder] = useState<Order>({ by: null, falling: false });
  const [start, setStart] = useState(0);
  const judged = !!first.classes?.length; // else a row is what was measured of an image
  const cell = query.get("cell");
  const filter = filterOf(first.classes ?? [], cell);
  const sort = order.by === null ? "&worst=true" : `&by=${order.by}&falling=${order.falling}`;
  const { data, error, loading } = useGet<PlainTable>(`/api/results/${encodeURIComponent(run)}/tables/${encodeURIComponent(section)}/${number}?start=${start}&most=${PAGE}${sort}${filter}`);
  const shown = data ?? first;
  const image = query.get("image");
  const choose = (row: number | null) => go(withQuery({ image: row === null ? null : String(row) }), { replace: true });
  const rows = [...new Set(shown.rows.map((row) => Number(row[ROW])))];
  const step = (by: number) => choose(rows[rows.indexOf(Number(image)) + by] ?? null);
  return (
    <div className={image === null ? "stack" : "results-judged"}>
      <div className="stack">
        <Fault error={error} />
        <ResultTable
          table={shown}
          source={`${source}${sort}${filter}`}
          order={order}
          onSort={(next) => (setOrder(next), setStart(0))}
          onRow={(row) => choose(Number(row[ROW]))}
          chosen={(row) => String(row[ROW]) === image}
          tools={
            <>
              {loading && <Busy small />}
              {cell && (
                <button className="small" onClick={() => go(withQuery({ cell: null, image: null }), { replace: true })}>
                  {t("all_rows")}
                </button>
              )}
              {judged && (
                <button className="small" aria-pressed={order.by === null} onClick={() => (setOrder({ by: null, falling: false }), setStart(0))}>
                  {t("worst_first")}
                </button>
              )}
            </>
          }
          foot={<Pages start={start} size={PAGE} total={shown.total ?? 0} onStart={setStart} />}
        />
      </div>
      {image !== null && <JudgedImage run={run} row={Number(image)} told={judged ? shown.rows.find((row) => String(row[ROW]) === image) : undefined} onClose={() => choose(null)} onStep={step} />}
    </div>
  );
}

/** The rows of a cell "truth,predicted" by the names of the classes. */
function filterOf(classes: string[], cell: string | null): string {
  const [truth, predicted] = (cell ?? "").split(",").map((place) => (place === "" ? undefined : classes[Number(place)]));
  if (truth === undefined || predicted === undefined) return "";
  return `&match=${encodeURIComponent(`${TRUTH}:${truth}`)}&match=${encodeURIComponent(`${PREDICTED}:${predicted}`)}`;
}

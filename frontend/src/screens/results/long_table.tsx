/** A long table: the server sorts it and sends a page at a time. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { ResultTable, type Order, type PlainTable } from "../../parts/table";
import { useGet } from "../../shell/api";
import { Pages } from "./pages";

const PAGE = 50;

export function LongTable({ run, section, number, source, first }: { run: string; section: string; number: number; source: string; first: PlainTable }) {
  const [order, setOrder] = useState<Order>({ by: null, falling: false });
  const [start, setStart] = useState(0);
  const sort = order.by === null ? "" : `&by=${order.by}&falling=${order.falling}`;
  const { data, error, loading } = useGet<PlainTable>(`/api/results/${encodeURIComponent(run)}/tables/${encodeURIComponent(section)}/${number}?start=${start}&most=${PAGE}${sort}`);
  return (
    <>
      <Fault error={error} />
      <ResultTable
        table={data ?? first}
        source={`${source}${sort}`}
        order={order}
        onSort={(next) => (setOrder(next), setStart(0))}
        tools={loading && <Busy small />}
        foot={<Pages start={start} size={PAGE} total={first.total ?? 0} onStart={setStart} />}
      />
    </>
  );
}

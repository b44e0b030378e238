/** Everything that was measured with a protocol. */
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { ResultTable, type PlainTable } from "../../parts/table";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";

export function ProtocolTable({ id }: { id: string }) {
  const t = useText("protocol");
  const { data, error, loading } = useGet<PlainTable>(`/api/protocols/${id}/table`);
  return (
    <div className="page">
      <Go to="/protocol">{t("back")}</Go>
      <Fault error={error} />
      {loading && <Busy />}
      {data && <ResultTable table={data} />}
    </div>
  );
}

/** All protocols with how far they are. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, useRoute } from "../../shell/route";
import { NewProtocol } from "./new_protocol";
import type { Protocol } from "./types";

export function ProtocolList() {
  const t = useText("protocol");
  const { query } = useRoute();
  const { data, error, loading, again } = useGet<{ protocols: Protocol[] }>("/api/protocols");
  const [making, make] = useState(query.has("set"));
  const [fault, fail] = useState<unknown>(null);
  const remove = (protocol: Protocol) => {
    if (confirm(t("delete_sure", { name: protocol.name }))) del(`/api/protocols/${protocol.id}`).then(again, fail);
  };
  return (
    <div className="page">
      <div className="row between">
        <p className="soft">{t("about")}</p>
        <button className="primary" onClick={() => make(true)}>
          <Icon name="add" size={16} /> {t("new")}
        </button>
      </div>
      <Fault error={error ?? fault} />
      {loading && <Busy />}
      {data?.protocols.length === 0 && (
        <div className="empty">
          <Icon name="ruler" size={40} />
          <p>{t("none")}</p>
        </div>
      )}
      <div className="grid protocol-grid">
        {data?.protocols.map((protocol) => (
          <article key={protocol.id} className="card stack">
            <div className="row between">
              <h3>{protocol.name}</h3>
              <button className="ghost icon" onClick={() => remove(protocol)} aria-label={t("delete", { name: protocol.name })}>
                <Icon name="trash" size={16} />
              </button>
            </div>
            <p className="soft">
              {t("n_of", { set: protocol.set_name, n: protocol.rows.length })}
              {protocol.blinded && <span className="tag on protocol-tag">{t("blinded")}</span>}
            </p>
            <ul className="protocol-rounds">
              {protocol.rounds.map((round) => (
                <li key={`${round.reader}-${round.pass}`}>
                  <Go className="button small" to={`/protocol/${protocol.id}?reader=${round.reader}&pass=${round.pass}`}>
                    {t("round", { reader: round.name, pass: round.pass })}
                  </Go>
                  <progress max={protocol.rows.length} value={round.done} aria-label={t("progress")} />
                  <span className="tiny soft">
                    {round.done}/{protocol.rows.length}
                  </span>
                </li>
              ))}
            </ul>
            <Go to={`/protocol/${protocol.id}/table`}>{t("table")}</Go>
          </article>
        ))}
      </div>
      <NewProtocol open={making} set={query.get("set") ?? ""} onClose={() => make(false)} />
    </div>
  );
}

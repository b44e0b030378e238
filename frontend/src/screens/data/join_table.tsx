/** An Excel or CSV table brought into a set: sent, looked at row by row, its columns chosen. */
import { useRef, useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, upload } from "../../shell/api";
import { useText } from "../../shell/language";
import { ColumnUses, withUse } from "./column_uses";
import { RowFaults } from "./row_faults";
import type { Fitted, Proposed, SetWhole, Use } from "./types";

type Sent = Fitted & { token: string; columns: Proposed[] };

export function JoinTable({ set, onClose, onDone }: { set: SetWhole; onClose: () => void; onDone: () => void }) {
  const t = useText("data");
  const input = useRef<HTMLInputElement>(null);
  const [sent, setSent] = useState<Sent | null>(null);
  const [uses, setUses] = useState<Record<string, Use>>({});
  const [fault, setFault] = useState<unknown>(null);
  const send = (file: File | undefined) => {
    if (!file) return;
    upload<Sent>(`/api/uploads/tables/${set.id}`, [{ file, name: file.name }]).then(
      (found) => (setFault(null), setSent(found), setUses(Object.fromEntries(found.columns.map((one) => [one.name, one.use === "patient" || one.use === "mask" ? "leave" : set.roles[one.use] ? "keep" : one.use])))),
      setFault,
    );
  };
  const join = () => post(`/api/uploads/tables/${set.id}/join`, { token: sent!.token, columns: uses }).then(onDone, setFault);
  const kept = Object.values(uses).some((use) => use !== "leave");
  return (
    <Dialog
      title={t("join_table")}
      open
      wide
      onClose={onClose}
      actions={
        sent && (
          <button className="primary" disabled={!kept} onClick={() => void join()}>
            {t("join")}
          </button>
        )
      }
    >
      <p className="soft">{t("join_more")}</p>
      <input ref={input} type="file" hidden accept=".csv,.tsv,.txt,.xlsx" aria-label={t("choose_table")} onChange={(event) => send(event.target.files?.[0])} />
      <div className="row">
        <button onClick={() => input.current?.click()}>
          <Icon name="upload" size={18} /> {t("choose_table")}
        </button>
      </div>
      <Fault error={fault} />
      {sent && (
        <>
          <p>{t(sent.on === "file" ? "fits_by_file" : "fits_by_patient", { column: sent.column, n: sent.matched, all: set.rows })}</p>
          <RowFaults fitted={sent} />
          <ColumnUses columns={sent.columns} uses={uses} without={["patient", "mask"]} onUse={(column, use) => setUses((old) => withUse(old, column, use))} />
        </>
      )}
    </Dialog>
  );
}

/** Choose a typed result of a finished run, such as a curve: the chosen word is "run:ID/field", as recipes and commands take it. */
import { useMemo, useState } from "react";

import { useGet } from "../shell/api";
import { useFormat, useSay, useText, type Say } from "../shell/language";
import { Busy } from "./busy";
import { Dialog } from "./dialog";
import { Fault } from "./fault";
import "./table.css";

interface Candidate {
  value: string;
  field: string;
  title: Say;
  id: string;
  name: string;
  label: Say;
  finished: number | null;
}

export function PickResult({ kind, value, onChange, label }: { kind: string; value: string | null; onChange: (value: string | null) => void; label?: string }) {
  const t = useText("table");
  const say = useSay();
  const [open, setOpen] = useState(false);
  const { data } = useGet<Candidate[]>(value || open ? `/api/results/candidates?kind=${encodeURIComponent(kind)}` : null);
  const chosen = data?.find((one) => one.value === value);
  return (
    <div className="row pick-result">
      <button onClick={() => setOpen(true)} aria-label={label}>
        {chosen ? `${chosen.name}: ${say(chosen.title)}` : (value ?? t("pick_result"))}
      </button>
      {value && (
        <button className="ghost small" onClick={() => onChange(null)}>
          {t("clear")}
        </button>
      )}
      <PickDialog kind={kind} open={open} onClose={() => setOpen(false)} value={value} onPick={(one) => (onChange(one), setOpen(false))} />
    </div>
  );
}

function PickDialog({ kind, open, onClose, value, onPick }: { kind: string; open: boolean; onClose: () => void; value: string | null; onPick: (value: string) => void }) {
  const t = useText("table");
  const say = useSay();
  const format = useFormat();
  const [words, setWords] = useState("");
  const { data, error, loading } = useGet<Candidate[]>(open ? `/api/results/candidates?kind=${encodeURIComponent(kind)}` : null);
  const shown = useMemo(
    () => (data ?? []).filter((one) => `${one.name} ${one.title.ja} ${one.title.en} ${one.label.ja} ${one.label.en}`.toLowerCase().includes(words.toLowerCase())),
    [data, words],
  );
  return (
    <Dialog title={t("pick_result")} open={open} onClose={onClose} wide>
      <input type="search" placeholder={t("search")} aria-label={t("search")} value={words} onChange={(event) => setWords(event.target.value)} />
      <Fault error={error} />
      {loading && <Busy />}
      {data && shown.length === 0 && <p className="soft">{t("no_result_of_kind")}</p>}
      {shown.length > 0 && (
        <div className="table-box">
          <table className="table">
            <thead>
              <tr>
                <th>{t("result")}</th>
                <th>{t("run")}</th>
                <th>{t("what")}</th>
                <th>{t("when")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.value} className="result-table-open" aria-selected={one.value === value || undefined} onClick={() => onPick(one.value)}>
                  <td>
                    <button className="result-table-link">
                      {say(one.title)} {one.field && <span className="soft tiny">({one.field})</span>}
                    </button>
                  </td>
                  <td>{one.name}</td>
                  <td>{say(one.label)}</td>
                  <td>{one.finished ? format.time(one.finished) : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}

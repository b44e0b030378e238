/** Start a search for a better network from this design. */
import { useEffect, useState } from "react";

import { OptionForm, useCatalog, wrong, type Values } from "../../form";
import { Busy } from "../../parts/busy";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { ApiError, get, post, useGet } from "../../shell/api";
import { useLanguage, useText, type Say } from "../../shell/language";
import { go } from "../../shell/route";

const FIRST = ["trials", "minutes", "goal", "epochs", "size_px"];

interface Job {
  state: string;
  result?: unknown;
  error?: { code: string } & Say;
}

export function SearchDialog({ open, onClose, save, set, size }: { open: boolean; onClose: () => void; save: () => Promise<string>; set: string; size: number | null }) {
  const t = useText("design");
  const { language } = useLanguage();
  const { find, error: unread } = useCatalog();
  const entry = find("learn", "search-networks");
  const sets = useGet<{ sets: { id: string; name: string; roles: Record<string, string> }[] }>(open ? "/api/sets" : null);
  const [chosen, choose] = useState(set);
  const [values, change] = useState<Values>({});
  const [error, fail] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => choose(set), [set]);
  useEffect(() => {
    if (open && size !== null) change((old) => ({ size_px: size, ...old }));
  }, [open, size]);
  const options = (entry?.options ?? []).filter((option) => option.name !== "start");
  const start = async () => {
    setBusy(true);
    fail(null);
    try {
      const name = await save();
      const wish = { method: "search-networks", set: chosen, options: { ...values, start: `design:${name}` }, protocol: { evaluation: "held-out" }, name, language };
      const { job } = await post<{ job: string }>("/api/train/start", wish);
      go(`/runs/${await ended(job)}`);
    } catch (fault) {
      fail(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("search")}
      open={open}
      onClose={onClose}
      actions={
        <button className="primary" disabled={busy || !chosen || !entry || wrong(options, values).length > 0} onClick={() => void start()}>
          {t("search_start")}
        </button>
      }
    >
      <p className="soft">{t("search_about")}</p>
      <Fault error={error ?? unread ?? sets.error} onClose={() => fail(null)} />
      <label className="field">
        <span>{t("images")}</span>
        <select value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("choose_images")}</option>
          {sets.data?.sets.map((one) => (
            <option key={one.id} value={one.id} disabled={!one.roles.label}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      {entry ? <OptionForm options={options} values={values} onChange={change} first={FIRST} /> : <Busy />}
      {busy && <Busy />}
    </Dialog>
  );
}

/** The run that a job makes, when it is made. */
async function ended(job: string): Promise<string> {
  for (;;) {
    const now = await get<Job>(`/api/train/jobs/${job}`);
    if (now.error) throw new ApiError(now.error.code, now.error, 400);
    if (typeof now.result === "string") return now.result;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

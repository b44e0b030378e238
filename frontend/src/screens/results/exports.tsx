/** What can be taken away from a run: tables, model, script. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { keep } from "../../parts/keeping";
import { ApiError, get, post, raw, useGet } from "../../shell/api";
import { useLanguage, useSay, useText, type Say } from "../../shell/language";
import type { RunResult } from "./types";

interface Part {
  name: string;
  title: Say;
  about: Say;
  slow: boolean;
}

interface Job {
  id: string;
  state: string;
  code?: string;
  ja?: string;
  en?: string;
}

export function Exports({ run }: { run: RunResult }) {
  const t = useText("results");
  const say = useSay();
  const { language } = useLanguage();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, fail] = useState<unknown>(null);
  const base = `/api/exports/${encodeURIComponent(run.id)}`;
  const { data } = useGet<Part[]>(open ? `${base}/parts` : null);
  const take = async (part: Part) => {
    setBusy(part.name);
    fail(null);
    try {
      keep(await raw(part.slow ? await made(base, part.name) : `${base}/parts/${part.name}?language=${language}`));
    } catch (problem) {
      fail(problem);
    }
    setBusy(null);
  };
  return (
    <>
      <button onClick={() => setOpen(true)}>
        <Icon name="download" size={16} /> {t("export")}
      </button>
      <Dialog title={t("export")} open={open} onClose={() => setOpen(false)} wide>
        <Fault error={error} onClose={() => fail(null)} />
        {!data && <Busy />}
        <ul className="results-exports">
          {data?.map((part) => (
            <li key={part.name}>
              <div>
                <b>{say(part.title)}</b>
                <p className="soft tiny">{say(part.about)}</p>
              </div>
              <button disabled={busy !== null} onClick={() => void take(part)}>
                {busy === part.name ? <Busy small /> : <Icon name="download" size={16} />} {t("save")}
              </button>
            </li>
          ))}
        </ul>
      </Dialog>
    </>
  );
}

/** Let a short job make a file; the address of it. */
async function made(base: string, name: string): Promise<string> {
  let job = await post<Job>(`${base}/jobs/${name}`);
  while (job.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 500));
    job = await get<Job>(`/api/exports/jobs/${job.id}`);
  }
  if (job.state === "failed") {
    throw new ApiError(job.code ?? "", { ja: job.ja ?? "", en: job.en ?? "" }, 400);
  }
  return `/api/exports/jobs/${job.id}/file`;
}

/** A finished run judges images in a short job of its own; asked for until it has ended. */
import { useEffect, useState } from "react";

import type { PlainTable } from "../../parts/table";
import { ApiError, del, get, post } from "../../shell/api";
import type { Say } from "../../shell/language";

/** Lists have an entry for each image. */
export interface Judged {
  family: string;
  table: PlainTable;
  notes: Say[];
  heat: (string | null)[];
  /** A mask, or the image restored; and the image on the pixels of that where it had fewer. */
  made: (string | null)[];
  before: (string | null)[];
  structures: string[];
  /** x, y, width, height, score. */
  boxes: number[][][];
  threshold: number | null;
  truth: (string | null)[];
  true_boxes: number[][][];
}

export interface Job {
  id: string;
  state: "running" | "finished" | "failed";
  stage?: Say;
  done?: number;
  total?: number;
  outcome?: Judged;
  code?: string;
  ja?: string;
  en?: string;
}

const ASK_AGAIN_MS = 400;

/** Wait for a job, telling of its progress. */
export async function ended(job: Job, tell: (job: Job) => void, stopped: () => boolean, at = "/api/predict"): Promise<Job> {
  let now = job;
  while (now.state === "running" && !stopped()) {
    tell(now);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    now = await get<Job>(`${at}/${now.id}`);
  }
  if (now.state === "failed") throw new ApiError(now.code ?? "", { ja: now.ja ?? "", en: now.en ?? "" }, 400);
  return now;
}

/** What a run says of images; begins anew when they change. */
export function useJudged(run: string | null, images: string[]): { outcome: Judged | null; error: unknown; busy: boolean; job: Job | null } {
  const asked = run && images.length ? JSON.stringify({ run, images, heat: true }) : null;
  const [state, set] = useState<{ asked: string | null; outcome?: Judged; error?: unknown; job?: Job }>({ asked: null });
  useEffect(() => {
    if (!asked) return undefined;
    let over = false;
    let begun: Job | null = null;
    post<Job>("/api/predict", JSON.parse(asked))
      .then((job) => ended((begun = job), (now) => over || set({ asked, job: now }), () => over))
      .then((job) => over || set({ asked, outcome: job.outcome, job }))
      .catch((error: unknown) => over || set({ asked, error }));
    return () => {
      over = true;
      if (begun?.state === "running" && images.some((one) => !one.startsWith("row:"))) void del(`/api/predict/${begun.id}`).catch(() => undefined);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked]);
  const own = state.asked === asked && asked !== null;
  return {
    outcome: own ? (state.outcome ?? null) : null,
    error: own ? state.error : null,
    busy: asked !== null && !(own && (state.outcome || state.error)),
    job: own ? (state.job ?? null) : null,
  };
}

/** A run that was started: where it is, what went wrong, and the way to its result. */
import { useEffect } from "react";

import { Fault } from "../parts/fault";
import { ApiError, post, useGet } from "../shell/api";
import { useFormat, useSay, useText, type Say } from "../shell/language";
import { Go } from "../shell/route";

interface Standing {
  id: string;
  name: string;
  state: string;
  word: Say;
  code: string;
  error: Say | null;
  stage: Say | null;
  share: number | null;
  seconds: number | null;
}

const OVER = ["finished", "failed", "cancelled", "stopped"];
const ASK_AGAIN_MS = 500;

export function RunWatch({ run, onFinished }: { run: string; onFinished?: () => void }) {
  const t = useText("form");
  const say = useSay();
  const format = useFormat();
  const { data, error, again } = useGet<Standing>(`/api/runs/${encodeURIComponent(run)}`);
  const over = data !== undefined && OVER.includes(data.state);
  useEffect(() => {
    if (over) return undefined;
    const timer = setInterval(again, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [over, again]);
  useEffect(() => {
    if (data?.state === "finished") onFinished?.();
  }, [data?.state]);
  return (
    <div className="stack form-run" data-state={data?.state ?? ""} role="status">
      <Fault error={error} />
      {data && (
        <>
          <div className="row between">
            <span>
              {say(data.word)}
              {!over && data.stage && ` · ${say(data.stage)}`}
            </span>
            {data.seconds !== null && <span className="soft tiny">{format.duration(data.seconds)}</span>}
          </div>
          {!over && <progress max={1} value={data.share ?? undefined} aria-label={say(data.word)} />}
          {data.error && <Fault error={new ApiError(data.code, data.error, 400)} />}
          <div className="row">
            {data.state === "finished" && (
              <Go className="button primary" to={`/results/${data.id}`}>
                {t("to_result")}
              </Go>
            )}
            <Go className="button" to={`/runs/${data.id}`}>
              {t("to_run")}
            </Go>
            {!over && (
              <button type="button" className="ghost" onClick={() => void post(`/api/runs/${encodeURIComponent(run)}/cancel`).then(again, again)}>
                {t("cancel")}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

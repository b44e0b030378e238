/** Short work of the server that the page waits for. */
import { useEffect, useRef, useState } from "react";

import { Progress } from "../../parts/progress";
import { ApiError, get } from "../../shell/api";
import { useSay, type Say } from "../../shell/language";

interface JobState<T> {
  state: "running" | "done" | "failed";
  stage: Say;
  done: number;
  total: number;
  result: T | null;
  error: (Say & { code: string }) | null;
}

export interface Work<T> {
  busy: boolean;
  state: JobState<T> | null;
  fault: unknown;
  /** Begin something that answers with {job}. */
  begin: (start: () => Promise<{ job: string }>) => void;
}

export function useWork<T>(onDone: (result: T) => void): Work<T> {
  const [state, setState] = useState<JobState<T> | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const done = useRef(onDone);
  done.current = onDone;
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => void (alive.current = false);
  }, []);
  const begin = async (start: () => Promise<{ job: string }>) => {
    setBusy(true);
    setFault(null);
    setState(null);
    try {
      const { job } = await start();
      for (let wait = 100; alive.current; wait = Math.min(1000, wait * 1.3)) {
        const now = await get<JobState<T>>(`/api/sets/jobs/${job}`);
        if (!alive.current) return;
        setState(now);
        if (now.state === "failed" && now.error) throw new ApiError(now.error.code, now.error, 400);
        if (now.state === "done") {
          setBusy(false);
          done.current(now.result as T);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    } catch (error) {
      if (!alive.current) return;
      setFault(error);
      setBusy(false);
    }
  };
  return { busy, state, fault, begin: (start) => void begin(start) };
}

export function WorkProgress({ work, label }: { work: Work<never> | Work<unknown>; label: string }) {
  const say = useSay();
  if (!work.busy) return null;
  const { state } = work;
  return (
    <Progress share={state?.total ? state.done / state.total : null} label={label}>
      <span>{state ? say(state.stage) : label}</span>
      {!!state?.total && (
        <span>
          {state.done} / {state.total}
        </span>
      )}
    </Progress>
  );
}

/** A run that is watched: its events are asked for every second while it goes on. Nothing is held open, so a closed page costs nothing. */
import { useCallback, useEffect, useRef, useState } from "react";

import { get } from "../../shell/api";
import { taken, type Series } from "./series";
import { underWay, type Run, type RunEvent, type Told } from "./types";

const GOING_MS = 1000;
const RESTING_MS = 5000;

export interface Followed {
  run: Run | null;
  series: Series[];
  notes: RunEvent[];
  error: unknown;
  again: () => void;
}

const NOTHING: Followed = { run: null, series: [], notes: [], error: null, again: () => undefined };

export function useRun(id: string): Followed {
  const [state, set] = useState<Followed>(NOTHING);
  const [round, next] = useState(0);
  const since = useRef(0);
  useEffect(() => {
    since.current = 0;
    set(NOTHING);
  }, [id]);
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      let pause = RESTING_MS;
      if (!document.hidden) {
        try {
          const told = await get<Told>(`/api/runs/${encodeURIComponent(id)}/events?since=${since.current}`, stop.signal);
          since.current = told.next;
          set((old) => ({ ...old, run: told.run, error: null, series: taken(old.series, told.events), notes: [...old.notes, ...told.events.filter((event) => event.note)] }));
          pause = underWay(told.run) ? GOING_MS : RESTING_MS;
        } catch (error) {
          if (stop.signal.aborted) return;
          set((old) => ({ ...old, error })); // the server may come back; the run goes on meanwhile
          pause = 2 * GOING_MS;
        }
      }
      timer = window.setTimeout(() => void ask(), pause);
    };
    const shown = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      void ask();
    };
    void ask();
    document.addEventListener("visibilitychange", shown);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [id, round]);
  const again = useCallback(() => next((n) => n + 1), []);
  return { ...state, again };
}

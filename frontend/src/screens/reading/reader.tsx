/** The page of a reader: what stands before a session, the images one after the other, breaks, the end. */
import { useCallback, useEffect, useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { get, post } from "../../shell/api";
import { OneTrial } from "./trial";
import { Waiting } from "./waiting";
import type { ReaderView, Standing, Value } from "./types";

export function ReaderPage({ id, reader }: { id: string; reader: string }) {
  const path = `/api/readings/${id}/readers/${reader}`;
  const [view, show] = useState<ReaderView | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [at, goTo] = useState<number | null>(null);
  const [tired, rest] = useState(false);
  const reading = useRef(0); // seconds of reading since the last break
  const load = useCallback(() => get<ReaderView>(path).then(show, fail), [path]);
  useEffect(() => void load(), [load]);
  if (!view) return <div className="page">{error ? <Fault error={error} /> : <Busy />}</div>;
  const now = view.standing;
  const put = (standing: Standing, number?: number, value?: Value) =>
    show({ ...view, standing, trials: view.trials.map((trial, n) => (n === number ? { ...trial, value: value! } : trial)) });
  const begin = async (environment: ReaderView["environment"]) => {
    const standing = await post<Standing>(`${path}/begin`, { ...environment, width: innerWidth, height: innerHeight, ratio: devicePixelRatio });
    show({ ...view, standing, environment });
  };
  const number = at ?? now.next;
  if (number === null || !now.began) return <Waiting view={view} what={now.next === null ? "finished" : "begin"} onBegin={begin} />;
  if (tired) return <Waiting view={view} what="break" onBegin={async () => ((reading.current = 0), rest(false))} />;
  const store = async (value: Value, seconds: number) => {
    const trial = view.trials[number]!;
    const changed = JSON.stringify(value) !== JSON.stringify(trial.value);
    const standing = changed ? await post<Standing>(`${path}/answers`, { trial: number, value, seconds }) : now;
    reading.current += seconds;
    put(standing, number, value);
    goTo(standing.next !== null && number + 1 < standing.next ? number + 1 : null);
    if (view.break_minutes && reading.current > view.break_minutes * 60 && standing.next !== null) rest(true);
  };
  const earlier = view.back && number > 0 && now.next !== null && view.trials[number - 1]!.session === view.trials[now.next]!.session;
  return <OneTrial key={number} view={view} number={number} onStore={store} onBack={earlier ? () => goTo(number - 1) : null} />;
}

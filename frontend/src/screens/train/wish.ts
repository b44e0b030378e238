/** The form as it is being filled in: kept for a reload, begun from the address or from a run that was made before. */
import { useEffect, useRef, useState } from "react";

import { ApiError, get, post } from "../../shell/api";
import { go, useRoute, withQuery } from "../../shell/route";
import { NEW, type Checked, type Job, type Wish } from "./types";

const KEPT = "gazo-train";
const PAUSE_MS = 350;

function kept(): Wish {
  try {
    return { ...NEW, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<Wish>) };
  } catch {
    return NEW;
  }
}

/** `?set=ID`, `?method=NAME`, `?network=NAME`, `?o.OPTION=VALUE` and `?p.PROTOCOL=VALUE` begin the form; `?like=RUN` fills it as a run was made. */
export function useWish(): { wish: Wish; change: (part: Partial<Wish>) => void; error: unknown } {
  const { query } = useRoute();
  const [wish, set] = useState<Wish>(() => begun(kept(), query));
  const [error, fail] = useState<unknown>(null);
  const like = query.get("like");
  useEffect(() => {
    if (Object.keys(gone(query)).length) set((old) => begun(old, query)); // an address that names settings was opened while the form was there
  }, [query]);
  useEffect(() => {
    if (!like) return;
    get<Partial<Wish>>(`/api/train/like/${encodeURIComponent(like)}`).then((found) => {
      set({ ...NEW, ...found, options: usable(found.options ?? {}) });
      go(withQuery({ like: null }), { replace: true });
    }, fail);
  }, [like]);
  useEffect(() => {
    sessionStorage.setItem(KEPT, JSON.stringify(wish));
    if (!like && (wish.set || wish.method)) go(withQuery({ set: wish.set || null, method: wish.method || null, network: null, ...gone(query) }), { replace: true });
  }, [wish, like]);
  return { wish, change: (part) => set((old) => ({ ...old, ...part })), error };
}

function begun(old: Wish, query: URLSearchParams): Wish {
  const set = query.get("set") ?? old.set;
  const method = query.get("method") ?? old.method;
  const network = query.get("network");
  const same = set === old.set;
  const [options, protocol] = [named(query, "o."), named(query, "p.")];
  if (options || protocol) return { ...NEW, set, method, options: options ?? {}, protocol: protocol ?? {} };
  return { ...old, set, method, roles: same ? old.roles : {}, options: network ? { ...old.options, network } : old.options };
}

/** Values that an address names, such as those of a lesson; numbers, true and false are what they look like. */
function named(query: URLSearchParams, start: string): Wish["options"] | null {
  const found = [...query].filter(([key]) => key.startsWith(start));
  return found.length ? Object.fromEntries(found.map(([key, value]) => [key.slice(start.length), /^(-?\d+(\.\d+)?|true|false)$/.test(value) ? JSON.parse(value) : value])) : null;
}

const gone = (query: URLSearchParams) => Object.fromEntries([...query.keys()].filter((key) => /^[op]\./.test(key)).map((key) => [key, null]));

/** Files that a run keeps of its own cannot be named by another. */
const usable = (options: Record<string, unknown>) => Object.fromEntries(Object.entries(options).filter(([, value]) => !(typeof value === "string" && /(^|:)files\//.test(value))));

export interface Check {
  checked: Checked | null;
  error: unknown;
  waiting: boolean;
}

/** What the server says about the form, a moment after the last change. */
export function useCheck(wish: Wish): Check {
  const [state, set] = useState<Check>({ checked: null, error: null, waiting: false });
  const { name: _, ...asked } = wish;
  const text = JSON.stringify(asked);
  useEffect(() => {
    const sent = JSON.parse(text) as Omit<Wish, "name">;
    if (!sent.set || !sent.method) {
      set({ checked: null, error: null, waiting: false });
      return undefined;
    }
    const stop = new AbortController();
    set((old) => ({ ...old, waiting: true }));
    const timer = setTimeout(() => {
      post<Checked>("/api/train/check", sent, stop.signal).then(
        (checked) => set({ checked, error: null, waiting: false }),
        (error: unknown) => stop.signal.aborted || set({ checked: null, error, waiting: false }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return state;
}

/** A piece of work on the server, followed to its end. */
export function useJob<Result>(): { job: Job<Result> | null; error: unknown; run: (path: string, body: unknown) => Promise<Result | null>; clear: () => void } {
  const [job, set] = useState<Job<Result> | null>(null);
  const [error, fail] = useState<unknown>(null);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const run = async (path: string, body: unknown): Promise<Result | null> => {
    fail(null);
    set({ state: "running", stage: { ja: "", en: "" }, done: 0, total: 0, result: null, error: null });
    try {
      const { job: key } = await post<{ job: string }>(path, body);
      for (;;) {
        const now = await get<Job<Result>>(`/api/train/jobs/${key}`);
        if (!alive.current) return null;
        set(now);
        if (now.state === "failed") throw new ApiError(now.error?.code ?? "", now.error ?? { ja: "", en: "" }, 400);
        if (now.state === "done") return now.result;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    } catch (problem) {
      if (alive.current) {
        fail(problem);
        set(null);
      }
      return null;
    }
  };
  return { job, error, run, clear: () => (set(null), fail(null)) };
}

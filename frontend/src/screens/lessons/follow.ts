/** How far the docked lesson is: asked at each new address, and now and then while something is missing. */
import { useCallback, useEffect, useState } from "react";

import { post, put } from "../../shell/api";
import { useLanguage } from "../../shell/language";
import { useRoute } from "../../shell/route";
import type { LessonProgress } from "./types";

const ASK_AGAIN_MS = 4000;

export interface Following {
  progress: LessonProgress | null;
  error: unknown;
  /** The model answer is at work. */
  helping: boolean;
  check: () => void;
  answer: (step: string, choice: number) => void;
  repair: (step: string) => void;
  anew: () => void;
  call: (nickname: string) => void;
  forgive: () => void;
}

export function useFollow(name: string): Following {
  const route = useRoute();
  const { language } = useLanguage();
  const [progress, set] = useState<LessonProgress | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [helping, setHelping] = useState(false);
  const at = location.pathname + location.search;
  const ask = useCallback((path: string, body: unknown) => post<LessonProgress>(`/api/lessons/${encodeURIComponent(name)}/${path}`, body).then(set, fail), [name]);
  const check = useCallback(() => void ask("check", { at: location.pathname + location.search }), [ask]);
  useEffect(check, [check, at, route]);
  const waiting = progress === null || progress.current !== "" || progress.steps.some((step) => step.state === "under way");
  useEffect(() => {
    if (!waiting || helping) return undefined;
    const timer = setInterval(() => document.hidden || check(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting, helping, check]);
  return {
    progress,
    error,
    helping,
    check,
    answer: (step, choice) => void ask("answer", { step, choice }),
    repair: (step) => {
      setHelping(true);
      fail(null);
      void ask("repair", { step, language }).finally(() => setHelping(false));
    },
    anew: () => void ask("begin", { anew: true }).then(check),
    call: (nickname) => void put<LessonProgress>(`/api/lessons/${encodeURIComponent(name)}/nickname`, { nickname }).then(set, fail),
    forgive: () => fail(null),
  };
}

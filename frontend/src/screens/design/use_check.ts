/** Shapes, counts and problems after every edit; places on the canvas do not matter for them. */
import { useEffect, useMemo, useState } from "react";

import { post } from "../../shell/api";
import type { Analysis, Design } from "./types";

const PAUSE_MS = 60;

export function useCheck(design: Design, batch: number): { analysis: Analysis | null; error: unknown; fresh: boolean } {
  const asked = useMemo(() => JSON.stringify({ blocks: design.blocks.map(({ x: _x, y: _y, ...rest }) => rest), links: design.links, batch }), [design.blocks, design.links, batch]);
  const [state, set] = useState<{ analysis: Analysis | null; error: unknown; asked: string }>({ analysis: null, error: null, asked: "" });
  useEffect(() => {
    const stop = new AbortController();
    const body = JSON.parse(asked) as { blocks: object[]; links: object[] };
    const timer = setTimeout(() => {
      post<Analysis>("/api/design/check", { design: { format: 1, name: "", blocks: body.blocks, links: body.links }, batch }, stop.signal)
        .then((analysis) => set({ analysis, error: null, asked }))
        .catch((error: unknown) => (error as Error).name === "AbortError" || set((old) => ({ ...old, error, asked })));
    }, PAUSE_MS);
    return () => (clearTimeout(timer), stop.abort());
  }, [asked, batch]);
  return { analysis: state.analysis, error: state.error, fresh: state.asked === asked };
}

/** Opening and keeping designs; what is not kept yet survives a reload in the browser. */
import { useCallback, useEffect, useRef, useState } from "react";

import { get, put } from "../../shell/api";
import { go } from "../../shell/route";
import type { History } from "./history";
import { EMPTY, type Design } from "./types";

const DRAFT = "gazo-design-draft";
const EXAMPLE = "lenet";

interface Draft {
  opened: string;
  design: Design;
}

function draft(): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(DRAFT) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

export interface Keeping {
  /** The name under which the design is kept; "" for one that is not. */
  opened: string;
  dirty: boolean;
  error: unknown;
  /** Counts the designs that were opened, so that the canvas shows the whole of each. */
  round: number;
  show: (design: Design, opened?: string) => void;
  save: (name: string) => Promise<string>;
  clearError: () => void;
}

export function useKeeping(history: History, wanted: string): Keeping {
  const { design, open } = history;
  const [opened, setOpened] = useState("");
  const [error, fail] = useState<unknown>(null);
  const [round, next] = useState(0);
  const [kept, keep] = useState<Design>(EMPTY);
  const busy = useRef("");
  const dirty = design !== kept && design.blocks.length > 0;

  const show = useCallback(
    (shown: Design, name = "") => {
      open(shown);
      setOpened(name);
      keep(name ? shown : EMPTY);
      next((n) => n + 1);
      busy.current = name;
      go(name ? `/design/${encodeURIComponent(name)}${location.search}` : `/design${location.search}`, { replace: true });
    },
    [open],
  );

  useEffect(() => {
    if (wanted && wanted === busy.current) return;
    busy.current = wanted;
    const before = draft();
    if (before && before.opened === wanted && before.design.blocks.length > 0) {
      open(before.design);
      setOpened(wanted);
      keep(EMPTY);
      next((n) => n + 1);
      return;
    }
    const path = wanted ? `/api/designs/${encodeURIComponent(wanted)}` : `/api/design/presets/${EXAMPLE}`;
    get<Design>(path).then((found) => {
      open(found);
      setOpened(wanted);
      keep(found);
      next((n) => n + 1);
    }, fail);
  }, [wanted, open]);

  useEffect(() => {
    if (dirty) localStorage.setItem(DRAFT, JSON.stringify({ opened, design }));
    else localStorage.removeItem(DRAFT);
  }, [dirty, opened, design]);

  const save = useCallback(
    async (name: string) => {
      const stored = await put<{ name: string }>(`/api/designs/${encodeURIComponent(name)}`, { design: { ...design, name } });
      keep(design);
      setOpened(stored.name);
      busy.current = stored.name;
      go(`/design/${encodeURIComponent(stored.name)}${location.search}`, { replace: true });
      return stored.name;
    },
    [design],
  );
  return { opened, dirty, error, round, show, save, clearError: useCallback(() => fail(null), []) };
}

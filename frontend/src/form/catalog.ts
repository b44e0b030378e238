/** The catalog, asked for once while the page is open. */
import { useEffect, useState } from "react";

import { get } from "../shell/api";
import type { Catalog, Entry } from "./types";

let asked: Promise<Catalog> | null = null;
let known: Catalog | null = null;

export interface Known {
  catalog: Catalog | null;
  entries: Entry[];
  find: (room: string, name: string) => Entry | undefined;
  error: unknown;
  loading: boolean;
}

export function useCatalog(): Known {
  const [state, set] = useState<{ catalog: Catalog | null; error: unknown }>({ catalog: known, error: null });
  useEffect(() => {
    if (state.catalog) return;
    asked ??= get<Catalog>("/api/catalog");
    asked.then(
      (catalog) => set({ catalog: (known = catalog), error: null }),
      (error: unknown) => {
        asked = null;
        set({ catalog: null, error });
      },
    );
  }, [state.catalog]);
  const entries = state.catalog?.entries ?? [];
  const find = (room: string, name: string) => entries.find((entry) => entry.room === room && entry.name === name);
  return { catalog: state.catalog, entries, find, error: state.error, loading: !state.catalog && !state.error };
}

/** The design with a way back. */
import { useCallback, useMemo, useReducer } from "react";

import { EMPTY, type Design } from "./types";

interface State {
  past: Design[];
  now: Design;
  future: Design[];
  /** What the last change was about; changes of the same thing, such as a slider under the hand, are one step back. */
  about: string;
}

type Action = { do: "change"; next: Design; about: string } | { do: "undo" } | { do: "redo" } | { do: "open"; next: Design };

const MOST = 200;

function reduce(state: State, action: Action): State {
  if (action.do === "open") return { past: [], now: action.next, future: [], about: "" };
  if (action.do === "undo") {
    const before = state.past.at(-1);
    return before ? { past: state.past.slice(0, -1), now: before, future: [state.now, ...state.future], about: "" } : state;
  }
  if (action.do === "redo") {
    const after = state.future[0];
    return after ? { past: [...state.past, state.now], now: after, future: state.future.slice(1), about: "" } : state;
  }
  if (action.next === state.now) return state;
  const same = action.about !== "" && action.about === state.about;
  return { past: same ? state.past : [...state.past, state.now].slice(-MOST), now: action.next, future: [], about: action.about };
}

export interface History {
  design: Design;
  change: (next: Design, about?: string) => void;
  open: (next: Design) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}

export function useHistory(): History {
  const [state, act] = useReducer(reduce, { past: [], now: EMPTY, future: [], about: "" });
  const change = useCallback((next: Design, about = "") => act({ do: "change", next, about }), []);
  const open = useCallback((next: Design) => act({ do: "open", next }), []);
  const undo = useCallback(() => act({ do: "undo" }), []);
  const redo = useCallback(() => act({ do: "redo" }), []);
  return useMemo(
    () => ({ design: state.now, change, open, undo, redo, canUndo: state.past.length > 0, canRedo: state.future.length > 0 }),
    [state, change, open, undo, redo],
  );
}

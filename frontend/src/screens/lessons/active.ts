/** Which lesson is docked beside the screens; it stays through a reload. */
import { useSyncExternalStore } from "react";

const KEPT = "gazo-lesson";
const listeners = new Set<() => void>();
let active = localStorage.getItem(KEPT) ?? "";

/** Dock a lesson; an empty name takes the panel away. */
export function dock(name: string): void {
  active = name;
  name ? localStorage.setItem(KEPT, name) : localStorage.removeItem(KEPT);
  listeners.forEach((listener) => listener());
}

export function useDocked(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => active,
  );
}

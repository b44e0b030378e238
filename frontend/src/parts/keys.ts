import { useEffect, useRef } from "react";

/** Keys of the whole page, except while something is typed or a button is pressed. */
export function useKeys(keys: Record<string, () => void>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = ["INPUT", "TEXTAREA", "SELECT", "BUTTON", "A"].includes(target.tagName) && !(target.tagName === "INPUT" && event.key === "Enter");
      if (typing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
      if (target instanceof HTMLCanvasElement && event.key.startsWith("Arrow")) return; // the viewer's own
      const act = now.current[event.key];
      if (act) {
        event.preventDefault();
        act();
      }
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, []);
}

/** Keys of the reading page: heard before the viewer and before buttons, so that Enter always means "next". */
import { useEffect, useRef } from "react";

export function useReadingKeys(keys: Record<string, () => void>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.tagName === "TEXTAREA" || (target.tagName === "INPUT" && (target as HTMLInputElement).type === "text");
      const act = now.current[event.key] ?? now.current[event.key.toLowerCase()];
      if (!act || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    addEventListener("keydown", hear, true);
    return () => removeEventListener("keydown", hear, true);
  }, []);
}

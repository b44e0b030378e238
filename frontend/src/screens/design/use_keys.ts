/** Keys of the canvas; where a text is being typed they mean what they mean there. */
import { useEffect } from "react";

interface Acts {
  undo: () => void;
  redo: () => void;
  copy: () => void;
  paste: () => void;
  all: () => void;
}

export function useKeys(acts: Acts): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const here = event.target as HTMLElement;
      if (!(event.ctrlKey || event.metaKey) || event.altKey || here.closest("input, textarea, select, dialog")) return;
      const key = event.key.toLowerCase();
      const act = key === "z" ? (event.shiftKey ? acts.redo : acts.undo) : { y: acts.redo, c: getSelection()?.toString() ? undefined : acts.copy, v: acts.paste, a: acts.all }[key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [acts]);
}

/** The dark reading-room theme and the light one; what was chosen before, else what the system prefers. */
import { useEffect, useState } from "react";

export type Theme = "dark" | "light";
const KEPT = "gazo-theme";

function first(): Theme {
  const kept = localStorage.getItem(KEPT);
  if (kept === "dark" || kept === "light") return kept;
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, choose] = useState<Theme>(first);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEPT, theme);
    dispatchEvent(new Event("gazo-theme"));
  }, [theme]);
  return [theme, choose];
}

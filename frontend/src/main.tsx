import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { LanguageHome } from "./shell/language";
import { Shell } from "./shell/shell";
import "./style/tokens.css";
import "./style/parts.css";
import "./style/shell.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <LanguageHome>
      <Shell />
    </LanguageHome>
  </StrictMode>,
);

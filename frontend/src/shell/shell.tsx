/** The frame of the workbench: rail of screens, top bar, the screen itself, and the lesson beside it. */
import { Component, lazy, Suspense, useEffect, type ComponentType, type ReactNode } from "react";

import { Busy } from "../parts/busy";
import { Fault } from "../parts/fault";
import { Icon } from "../parts/icons";
import { SCREENS } from "../screens/table";
import { HelpReport } from "./help_report";
import { useLanguage, useText } from "./language";
import { Jobs } from "./jobs";
import { Go, useRoute } from "./route";
import { useTheme } from "./theme";

const panels = import.meta.glob<{ default: ComponentType }>("../screens/lessons/panel.tsx");
const LESSON = panels["../screens/lessons/panel.tsx"];
const LessonPanel = LESSON ? lazy(LESSON) : null;

export function Shell() {
  const { screen } = useRoute();
  const t = useText("shell");
  const entry = SCREENS.find((one) => one.name === screen);
  useEffect(() => {
    document.title = entry ? `${t(entry.name)} – gazo` : "gazo";
  }, [entry, t]);
  return (
    <div className="shell">
      <Rail current={screen} />
      <TopBar title={entry ? t(entry.name) : ""} screen={screen} />
      <main className="screen" key={screen}>
        <Broken key={screen}>
          <Suspense fallback={<Busy />}>{entry ? <entry.Screen /> : <Nowhere />}</Suspense>
        </Broken>
      </main>
      {LessonPanel && (
        <Suspense fallback={null}>
          <LessonPanel />
        </Suspense>
      )}
    </div>
  );
}

function Rail({ current }: { current: string }) {
  const t = useText("shell");
  return (
    <nav className="rail" aria-label={t("screens")}>
      <Go to="/home" className="brand" aria-label="gazo">
        gazo<span>画像</span>
      </Go>
      {SCREENS.map((entry, i) => (
        <Go key={entry.name} to={`/${entry.name}`} className={entry.group !== SCREENS[i - 1]?.group && i > 0 ? "rail-link first" : "rail-link"} aria-current={entry.name === current ? "page" : undefined}>
          <Icon name={entry.icon} />
          <span>{t(entry.name)}</span>
        </Go>
      ))}
    </nav>
  );
}

function TopBar({ title, screen }: { title: string; screen: string }) {
  const { language, choose } = useLanguage();
  const [theme, setTheme] = useTheme();
  const t = useText("shell");
  return (
    <header className="top">
      <h1>{title}</h1>
      <Jobs />
      <HelpReport screen={screen} />
      <button className="ghost icon" onClick={() => setTheme(theme === "dark" ? "light" : "dark")} aria-label={t("theme")} title={t("theme")}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
      <div className="languages" role="group" aria-label={t("language")}>
        {(["ja", "en"] as const).map((one) => (
          <button key={one} aria-pressed={language === one} onClick={() => choose(one)} lang={one}>
            {one === "ja" ? "日本語" : "English"}
          </button>
        ))}
      </div>
    </header>
  );
}

function Nowhere() {
  const t = useText("shell");
  return (
    <div className="empty">
      <p>{t("nowhere")}</p>
      <Go to="/home" className="button primary">
        {t("home")}
      </Go>
    </div>
  );
}

/** A screen that breaks says so and leaves the rest of the workbench alone. */
class Broken extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error ? (
      <div className="page">
        <Fault error={this.state.error} />
      </div>
    ) : (
      this.props.children
    );
  }
}

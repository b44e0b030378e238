/** The language of the interface: one table of texts per language and area, and the texts that come from the server in both. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export type Language = "ja" | "en";

/** A text in both languages, as the server sends it. */
export interface Say {
  ja: string;
  en: string;
}

type Texts = Record<string, string>;

const tables = import.meta.glob<Texts>("../messages/*/*.json", { eager: true, import: "default" });
const KEPT = "gazo-language";

interface Chosen {
  language: Language;
  choose: (language: Language) => void;
}

const Context = createContext<Chosen>({ language: "en", choose: () => undefined });

/** Keeps the chosen language: what was chosen before, else what the browser asks for. */
export function LanguageHome({ children }: { children: ReactNode }) {
  const [language, choose] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(KEPT, language);
  }, [language]);
  const value = useMemo(() => ({ language, choose }), [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "ja" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
}

export function useLanguage(): Chosen {
  return useContext(Context);
}

/** Texts of an area: `const t = useText("runs"); t("n_rows", { n: 5 })` fills "{n} rows". */
export function useText(area: string): (key: string, values?: Record<string, string | number>) => string {
  const { language } = useLanguage();
  return useMemo(() => {
    const texts = tables[`../messages/${language}/${area}.json`] ?? {};
    return (key, values) => {
      const text = texts[key] ?? `${area}.${key}`;
      return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
    };
  }, [language, area]);
}

/** Picks the language of a text that came from the server; plain strings pass. */
export function useSay(): (text: Say | string | null | undefined) => string {
  const { language } = useLanguage();
  return useMemo(() => (text) => (typeof text === "string" ? text : text ? text[language] : ""), [language]);
}

/** Numbers and times as the language writes them. */
export function useFormat() {
  const { language } = useLanguage();
  return useMemo(() => {
    const locale = language === "ja" ? "ja-JP" : "en-GB";
    const whole = new Intl.NumberFormat(locale);
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    return {
      whole: (n: number) => whole.format(n),
      number: (n: number, digits = 3) => (Number.isFinite(n) ? Number(n.toPrecision(digits)).toLocaleString(locale, { maximumSignificantDigits: digits }) : "–"),
      time: (seconds: number) => moment.format(new Date(seconds * 1000)),
      duration: (seconds: number) => duration(seconds, language),
      bytes: (n: number) => (n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB` : n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : `${Math.ceil(n / 1e3)} kB`),
    };
  }, [language]);
}

function duration(seconds: number, language: Language): string {
  const s = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)];
  if (language === "ja") return hours ? `${hours} 時間 ${minutes} 分` : minutes ? `${minutes} 分 ${s % 60} 秒` : `${s} 秒`;
  return hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min ${s % 60} s` : `${s} s`;
}

/** The rail: every screen of a study in its order. A screen whose folder is not there is not shown. */
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

import type { IconName } from "../parts/icons";

export interface ScreenEntry {
  name: string;
  icon: IconName;
  group: "look" | "learn" | "write" | "help";
  Screen: LazyExoticComponent<ComponentType>;
}

const found = import.meta.glob<{ default: ComponentType }>("./*/index.tsx");

const ORDER: [string, IconName, ScreenEntry["group"]][] = [
  ["home", "home", "look"],
  ["data", "data", "look"],
  ["viewer", "viewer", "look"],
  ["annotate", "annotate", "look"],
  ["protocol", "ruler", "look"],
  ["reading", "eye", "look"],
  ["process", "sliders", "look"],
  ["measure", "measure", "look"],
  ["statistics", "balance", "look"],
  ["radiomics", "texture", "look"],
  ["design", "network", "learn"],
  ["train", "train", "learn"],
  ["runs", "list", "learn"],
  ["results", "chart", "learn"],
  ["try", "try", "learn"],
  ["study", "study", "write"],
  ["report", "report", "write"],
  ["lessons", "lessons", "help"],
  ["settings", "settings", "help"],
];

export const SCREENS: ScreenEntry[] = ORDER.flatMap(([name, icon, group]) => {
  const load = found[`./${name}/index.tsx`];
  return load ? [{ name, icon, group, Screen: lazy(load) }] : [];
});

/** Operations under the headings the server gives them, in its order; only those whose words all occur. */
import type { Say } from "../shell/language";
import type { Entry } from "./types";

export interface Group {
  id: string;
  label: Say;
  rank: number;
  entries: Entry[];
}

export function grouped(entries: Entry[], words = ""): Group[] {
  const wanted = words.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, Group>();
  for (const entry of entries) {
    const { label, group, name, booklet, summary } = entry;
    const text = `${label.ja} ${label.en} ${name} ${booklet.join(" ")} ${summary} ${group.label.ja} ${group.label.en}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) continue;
    if (!found.has(group.id)) found.set(group.id, { ...group, entries: [] });
    found.get(group.id)!.entries.push(entry);
  }
  for (const one of found.values()) one.entries.sort((a, b) => a.group.place - b.group.place);
  return [...found.values()].sort((a, b) => a.rank - b.rank || a.id.localeCompare(b.id, "en", { numeric: true }));
}

/** Every operation that is not from image to image: one generated screen for measurements, simulations and whatever is registered later.
 * Rooms with a screen of their own (statistics, radiomics) are shown there by the same parts. */
import { useEffect, useMemo, useState } from "react";

import { grouped, useCatalog, type Catalog, type Entry } from "../../form";
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { useSay, useText } from "../../shell/language";
import { Go, go, useRoute } from "../../shell/route";
import { Task } from "./task";
import "./measure.css";

const OWN: Record<string, string> = { stats: "statistics", radiomics: "radiomics" };

export default function Measure() {
  const { screen, parts } = useRoute();
  const { catalog, find, error, loading } = useCatalog();
  const t = useText("measure");
  const right = OWN[parts[0] ?? ""] ?? (parts.length ? "measure" : screen);
  useEffect(() => {
    if (right !== screen) go(`/${right}${location.pathname.slice(screen.length + 1)}${location.search}`, { replace: true });
  }, [right, screen]);
  if (loading) return <Busy />;
  if (!catalog) {
    return (
      <div className="page">
        <Fault error={error} />
      </div>
    );
  }
  const [room, name] = parts;
  const entry = room && name ? find(room, name) : undefined;
  return (
    <div className="measure">
      <Choose catalog={catalog} chosen={entry} screen={right} />
      <main className="measure-main">
        {entry ? <Task key={`${entry.room}/${entry.name}`} entry={entry} raw={catalog.raw} /> : <div className="empty">{t(name ? "unknown" : "choose")}</div>}
      </main>
    </div>
  );
}

/** Whether an entry belongs to a screen: its result is a run, and no other screen makes it. */
const belongs = (entry: Entry, screen: string) => entry.kind === "operation" && (entry.makes === "result" || entry.makes === "images") && (OWN[entry.room] ?? "measure") === screen;

function Choose({ catalog, chosen, screen }: { catalog: Catalog; chosen: Entry | undefined; screen: string }) {
  const t = useText("measure");
  const say = useSay();
  const [words, setWords] = useState("");
  const rooms = useMemo(() => {
    const here = catalog.entries.filter((entry) => belongs(entry, screen));
    const order = ["quality", ...catalog.rooms.map((room) => room.name).filter((name) => name !== "quality")];
    return order.flatMap((name) => {
      const groups = grouped(here.filter((entry) => entry.room === name), words);
      const room = catalog.rooms.find((one) => one.name === name);
      return room && groups.length ? [{ ...room, groups }] : [];
    });
  }, [catalog, words, screen]);
  return (
    <nav className="measure-choose" aria-label={t("tasks")}>
      <input type="search" placeholder={t("search")} aria-label={t("search")} value={words} onChange={(event) => setWords(event.target.value)} />
      {rooms.map((room) => (
        <section key={room.name}>
          {rooms.length > 1 && <h2>{say(room.label)}</h2>}
          {room.groups.map((group) => (
            <div key={group.id} className="measure-group">
              <h3>{say(group.label)}</h3>
              {group.entries.map((entry) => (
                <Go key={entry.name} to={`/${screen}/${entry.room}/${entry.name}`} className="measure-entry" aria-current={entry === chosen ? "page" : undefined}>
                  {say(entry.label)}
                </Go>
              ))}
            </div>
          ))}
        </section>
      ))}
      {!rooms.length && <p className="soft">{t("nothing_found")}</p>}
    </nav>
  );
}

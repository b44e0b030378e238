/** Where one begins: what can be begun, what was worked on last, and whether this machine is fit for it. */
import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon, type IconName } from "../../parts/icons";
import { useGet } from "../../shell/api";
import { useFormat, useSay, useText, type Say } from "../../shell/language";
import { Go } from "../../shell/route";
import { SCREENS } from "../table";
import "./home.css";

interface RecentRun {
  id: string;
  name: string;
  title: Say;
  state: string;
  word: Say;
  started: number;
}

interface RecentSet {
  id: string;
  name: string;
  rows: number;
}

const BEGINNINGS: [string, IconName, string][] = [
  ["lessons", "lessons", "/lessons"],
  ["data", "data", "/data"],
  ["process", "sliders", "/process"],
  ["measure", "measure", "/measure"],
  ["train", "train", "/train"],
  ["study", "study", "/study"],
];

export default function Home() {
  const t = useText("home");
  return (
    <div className="page">
      <section className="home-hero">
        <h2>{t("hero")}</h2>
        <p>{t("hero_more")}</p>
      </section>
      <section className="home-cards" aria-label={t("begin")}>
        {BEGINNINGS.filter(([name]) => SCREENS.some((screen) => screen.name === name)).map(([name, icon, to]) => (
          <Go key={name} to={to} className="card home-card">
            <Icon name={icon} size={26} />
            <h3>{t(name)}</h3>
            <p className="soft">{t(`${name}_more`)}</p>
          </Go>
        ))}
      </section>
      <div className="home-recent">
        <Runs />
        <Sets />
      </div>
      <p className="soft tiny">{t("research")}</p>
    </div>
  );
}

function Runs() {
  const t = useText("home");
  const say = useSay();
  const format = useFormat();
  const { data, error, loading } = useGet<{ runs: RecentRun[] }>("/api/runs?limit=6");
  return (
    <section className="card stack">
      <h3>{t("recent_runs")}</h3>
      <Fault error={error} />
      {loading && <Busy small />}
      {data?.runs.length === 0 && <p className="soft">{t("no_runs")}</p>}
      <ul className="home-list">
        {data?.runs.map((run) => (
          <li key={run.id}>
            <Go to={`/runs/${run.id}`}>{run.name || say(run.title)}</Go>
            <span className="soft tiny">
              {say(run.word)} · {format.time(run.started)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sets() {
  const t = useText("home");
  const format = useFormat();
  const { data, error, loading } = useGet<{ sets: RecentSet[] }>("/api/sets");
  return (
    <section className="card stack">
      <h3>{t("recent_sets")}</h3>
      <Fault error={error} />
      {loading && <Busy small />}
      {data?.sets.length === 0 && <p className="soft">{t("no_sets")}</p>}
      <ul className="home-list">
        {data?.sets.slice(0, 6).map((set) => (
          <li key={set.id}>
            <Go to={`/data/${set.id}`}>{set.name}</Go>
            <span className="soft tiny">{t("n_images", { n: format.whole(set.rows) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

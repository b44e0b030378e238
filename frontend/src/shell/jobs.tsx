/** The runs that are under way, from anywhere in the workbench. */
import { useEffect } from "react";

import { Icon } from "../parts/icons";
import { useGet } from "./api";
import { useSay, useText, type Say } from "./language";
import { Go } from "./route";

interface Going {
  id: string;
  title: Say;
  state: string;
  share: number | null;
}

const ASK_AGAIN_MS = 3000;

export function Jobs() {
  const t = useText("shell");
  const say = useSay();
  const { data, again } = useGet<{ going: Going[] }>("/api/jobs");
  useEffect(() => {
    const timer = setInterval(() => document.hidden || again(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  const going = data?.going ?? [];
  if (!going.length) return null;
  return (
    <details className="jobs">
      <summary className="ghost">
        <Icon name="train" size={16} /> {t("n_going", { n: going.length })}
      </summary>
      <ul>
        {going.map((run) => (
          <li key={run.id}>
            <Go to={`/runs/${run.id}`}>{say(run.title)}</Go>
            <progress max={1} value={run.share ?? undefined} aria-label={say(run.title)} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Language, light, and whether this machine is fit for the work. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { useGet } from "../../shell/api";
import { useLanguage, useSay, useText, type Say } from "../../shell/language";
import { useTheme } from "../../shell/theme";

interface Item {
  name: Say;
  verdict: "ok" | "warning" | "fault";
  word: Say;
  found: Say;
  code: string;
}

const TAGS = { ok: "tag good", warning: "tag warn", fault: "tag bad" };

export default function Settings() {
  const t = useText("settings");
  const { language, choose } = useLanguage();
  const [theme, setTheme] = useTheme();
  const version = useGet<{ version: string }>("/api/version");
  return (
    <div className="page">
      <section className="card stack">
        <h2>{t("look")}</h2>
        <label className="field inline">
          <span>{t("language")}</span>
          <select value={language} onChange={(event) => choose(event.target.value as "ja" | "en")}>
            <option value="ja">日本語</option>
            <option value="en">English</option>
          </select>
        </label>
        <label className="field inline">
          <span>{t("theme")}</span>
          <select value={theme} onChange={(event) => setTheme(event.target.value as "dark" | "light")}>
            <option value="dark">{t("dark")}</option>
            <option value="light">{t("light")}</option>
          </select>
        </label>
      </section>
      <Machine />
      <section className="card stack">
        <h2>{t("about")}</h2>
        <p>gazo {version.data?.version}</p>
        <p className="soft">{t("licence")}</p>
      </section>
    </div>
  );
}

function Machine() {
  const t = useText("settings");
  const say = useSay();
  const [asked, ask] = useState(false);
  const { data, error, loading, again } = useGet<{ items: Item[]; passed: boolean }>(asked ? "/api/machine" : null);
  return (
    <section className="card stack">
      <h2>{t("machine")}</h2>
      <p className="soft">{t("machine_more")}</p>
      <div className="row">
        <button className="primary" disabled={loading} onClick={() => (asked ? again() : ask(true))}>
          {t("check")}
        </button>
        {loading && <Busy />}
      </div>
      <Fault error={error} />
      {data && (
        <div className="table-box">
          <table className="table">
            <tbody>
              {data.items.map((item) => (
                <tr key={item.name.en}>
                  <th scope="row">{say(item.name)}</th>
                  <td>
                    <span className={TAGS[item.verdict]}>{say(item.word)}</span>
                  </td>
                  <td>
                    {say(item.found)} <span className="soft tiny mono">{item.code}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

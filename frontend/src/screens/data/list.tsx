/** All data sets, and the ways to get one: drop, choose, a folder of this machine, a simulated sample. */
import { useEffect, useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { Progress } from "../../parts/progress";
import { thumbnailOf } from "../../parts/thumbnails";
import { post, useGet } from "../../shell/api";
import { useFormat, useSay, useText, type Say } from "../../shell/language";
import { go, Go } from "../../shell/route";
import { chosenFiles, filesOf, refusedOf, sendAll, sentNames, type Named } from "./dropped";
import { useWork, WorkProgress } from "./job";
import { LocalFolder } from "./local_folder";
import type { SetShort } from "./types";

export function SetList() {
  const t = useText("data");
  const { data, error, loading, again } = useGet<{ sets: SetShort[] }>("/api/sets");
  return (
    <div className="page">
      <Ways />
      <Samples onMade={again} first={data?.sets.length === 0} />
      <section className="stack">
        <h2>{t("sets")}</h2>
        <Fault error={error} />
        {loading && !data && <Busy />}
        {data?.sets.length === 0 && <p className="soft">{t("no_sets")}</p>}
        <div className="data-sets">{data?.sets.map((one) => <SetCard key={one.id} set={one} />)}</div>
      </section>
    </div>
  );
}

function SetCard({ set }: { set: SetShort }) {
  const t = useText("data");
  const format = useFormat();
  return (
    <Go to={`/data/${set.id}`} className="card data-card">
      <img src={thumbnailOf(set.cover)} alt="" loading="lazy" />
      <div className="stack data-card-text">
        <h3>{set.name}</h3>
        <div className="row">
          <span>{t("n_images", { n: format.whole(set.rows) })}</span>
          {set.simulated && <span className="tag">{t("simulated")}</span>}
          {set.origin === "cohort" && <span className="tag">{t("origin_cohort")}</span>}
          {set.origin === "local" && <span className="tag">{t("origin_local")}</span>}
          {!set.roles.label && !set.roles.value && !set.roles.mask && !set.roles.boxes && <span className="tag warn">{t("no_label")}</span>}
        </div>
        <span className="soft tiny">{set.created.replace("T", " ").slice(0, 16)}</span>
      </div>
    </Go>
  );
}

/** The whole page takes what is dropped on it. */
function Ways() {
  const t = useText("data");
  const [over, setOver] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [local, setLocal] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const send = async (given: Named[]) => {
    if (!given.length) return;
    setFault(null);
    setShare(0);
    try {
      const { token } = await post<{ token: string }>("/api/uploads/incoming");
      sentNames.set(
        token,
        given.map((one) => one.name),
      );
      refusedOf.set(token, await sendAll(token, given, setShare));
      go(`/data/new/${token}`);
    } catch (error) {
      setFault(error);
      setShare(null);
    }
  };
  useEffect(() => {
    let depth = 0;
    const enter = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && (event.preventDefault(), (depth += 1), setOver(true));
    const leave = () => ((depth -= 1), depth <= 0 && setOver(false));
    const above = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) void filesOf(event.dataTransfer).then(send, setFault);
    };
    const all = { dragenter: enter, dragleave: leave, dragover: above, drop } as const;
    for (const [name, hear] of Object.entries(all)) window.addEventListener(name, hear as EventListener);
    return () => {
      for (const [name, hear] of Object.entries(all)) window.removeEventListener(name, hear as EventListener);
    };
  }, []);
  return (
    <section className={over ? "data-drop over" : "data-drop"} aria-label={t("take_in")}>
      <Icon name="upload" size={34} />
      <h2>{t("drop_here")}</h2>
      <p className="soft">{t("drop_kinds")}</p>
      {share === null ? (
        <div className="row data-ways">
          <button className="primary" onClick={() => folder.current?.click()}>
            {t("choose_folder")}
          </button>
          <button onClick={() => files.current?.click()}>{t("choose_files")}</button>
          <button className="ghost" onClick={() => setLocal(true)}>
            {t("local_folder")}
          </button>
        </div>
      ) : (
        <div className="data-sending">
          <Progress share={share} label={t("sending")}>
            <span>{t("sending")}</span>
            <span>{Math.round(share * 100)} %</span>
          </Progress>
        </div>
      )}
      <p className="tiny soft">{t("privacy")}</p>
      <input ref={folder} type="file" hidden multiple {...{ webkitdirectory: "" }} onChange={(event) => void send(chosenFiles(event.target.files))} aria-label={t("choose_folder")} />
      <input ref={files} type="file" hidden multiple onChange={(event) => void send(chosenFiles(event.target.files))} aria-label={t("choose_files")} />
      <Fault error={fault} />
      {local && <LocalFolder onClose={() => setLocal(false)} />}
    </section>
  );
}

interface Sample {
  kind: string;
  name: Say;
  about: Say;
}

function Samples({ onMade, first }: { onMade: () => void; first: boolean }) {
  const t = useText("data");
  const say = useSay();
  const { data } = useGet<Sample[]>("/api/sets/samples");
  const [kind, setKind] = useState("");
  const work = useWork<string>((id) => (onMade(), go(`/data/${id}`)));
  const language = document.documentElement.lang === "en" ? "en" : "ja";
  return (
    <details className="card" open={first || undefined}>
      <summary>{t("samples")}</summary>
      <div className="stack data-samples">
        <p className="soft">{t("samples_more")}</p>
        <div className="grid">
          {data?.map((one) => (
            <button key={one.kind} className="card" disabled={work.busy} onClick={() => (setKind(one.kind), work.begin(() => post("/api/sets/samples", { kind: one.kind, language })))}>
              <h3>{say(one.name)}</h3>
              <p className="soft">{say(one.about)}</p>
              {kind === one.kind && <WorkProgress work={work} label={t("simulating")} />}
            </button>
          ))}
        </div>
        <Fault error={work.fault} />
      </div>
    </details>
  );
}

/** One data set: its images, columns, findings, cohort, division. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { Tabs } from "../../parts/tabs";
import { ApiError, del, useGet } from "../../shell/api";
import { useFormat, useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import { SetAbout } from "./set_about";
import { SetCheck } from "./set_check";
import { SetCohort } from "./set_cohort";
import { SetColumns } from "./set_columns";
import { SetImages } from "./set_images";
import { SetSplit } from "./set_split";
import { SCREENS } from "../table";
import type { SetWhole } from "./types";

const NAMES = ["images", "columns", "check", "cohort", "split", "about"] as const;
type Name = (typeof NAMES)[number];

export function SetPage({ id }: { id: string }) {
  const t = useText("data");
  const { query } = useRoute();
  const { data, error, loading, again } = useGet<SetWhole>(`/api/sets/${id}`);
  const tab = NAMES.find((name) => name === query.get("tab")) ?? "images";
  if (loading && !data) return <Busy />;
  if (!data)
    return (
      <div className="page">
        <Fault error={error} />
        <Go to="/data">{t("all_sets")}</Go>
      </div>
    );
  const Shown = { images: SetImages, columns: SetColumns, check: SetCheck, cohort: SetCohort, split: SetSplit, about: SetAbout }[tab];
  return (
    <div className="page">
      <Head set={data} />
      <Tabs label={t("views")} tabs={NAMES.map((name) => ({ name, text: t(`tab_${name}`) }))} chosen={tab} onChoose={(name: Name) => go(withQuery({ tab: name, start: null, column: null, value: null, only: null }), { replace: true })} />
      <Shown set={data} onChange={again} />
    </div>
  );
}

function Head({ set }: { set: SetWhole }) {
  const t = useText("data");
  const format = useFormat();
  const has = (name: string) => SCREENS.some((screen) => screen.name === name);
  const learnable = set.roles.label || set.roles.value || set.roles.mask || set.roles.boxes;
  return (
    <header className="row between data-head">
      <div className="stack">
        <Go to="/data" className="tiny">
          ← {t("all_sets")}
        </Go>
        <h2>{set.name}</h2>
        <div className="row">
          <span>{t("n_images", { n: format.whole(set.rows) })}</span>
          {set.patients !== null ? <span>{t("n_patients", { n: format.whole(set.patients) })}</span> : <span className="tag warn">{t("patients_unknown")}</span>}
          {set.simulated && <span className="tag">{t("simulated")}</span>}
          {set.parent && (
            <Go to={`/data/${set.parent.id}`} className="tag">
              {t("from_set", { name: set.parent.name })}
            </Go>
          )}
        </div>
      </div>
      <div className="row">
        {has("viewer") && (
          <button onClick={() => go(`/viewer?address=${encodeURIComponent(set.cover)}`)}>
            <Icon name="viewer" size={18} /> {t("open_viewer")}
          </button>
        )}
        {has("annotate") && (
          <button onClick={() => go(`/annotate/${set.id}`)}>
            <Icon name="annotate" size={18} /> {t("annotate")}
          </button>
        )}
        {has("train") && learnable && (
          <button className="primary" onClick={() => go(`/train?set=${set.id}`)}>
            <Icon name="train" size={18} /> {t("train")}
          </button>
        )}
        <Delete set={set} />
      </div>
    </header>
  );
}

function Delete({ set }: { set: SetWhole }) {
  const t = useText("data");
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const remove = () =>
    del(`/api/sets/${set.id}`).then(
      () => go("/data"),
      (error: unknown) => setFault(error as ApiError),
    );
  return (
    <>
      <button className="ghost icon" aria-label={t("delete")} title={t("delete")} onClick={() => setOpen(true)}>
        <Icon name="trash" />
      </button>
      <Dialog
        title={t("delete")}
        open={open}
        onClose={() => setOpen(false)}
        actions={
          <>
            <button className="ghost" onClick={() => setOpen(false)}>
              {t("keep_it")}
            </button>
            <button className="danger" onClick={() => void remove()}>
              {t("delete")}
            </button>
          </>
        }
      >
        <p>{t(set.origin === "local" ? "delete_local" : "delete_more", { name: set.name })}</p>
        <Fault error={fault} />
      </Dialog>
    </>
  );
}

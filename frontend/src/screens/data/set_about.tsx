/** Name, remark, and what was said when the images were taken in. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { put } from "../../shell/api";
import { useSay, useText } from "../../shell/language";
import type { SetWhole } from "./types";

export function SetAbout({ set, onChange }: { set: SetWhole; onChange: () => void }) {
  const t = useText("data");
  const say = useSay();
  const [name, setName] = useState(set.name);
  const [remark, setRemark] = useState(set.remark);
  const [fault, setFault] = useState<unknown>(null);
  const changed = name.trim() !== set.name || remark !== set.remark;
  const save = () => put(`/api/sets/${set.id}`, { name, remark }).then(() => (setFault(null), onChange()), setFault);
  return (
    <div className="stack data-about">
      <label className="field">
        <span>{t("set_name")}</span>
        <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span>{t("remark")}</span>
        <textarea rows={5} value={remark} maxLength={10000} onChange={(event) => setRemark(event.target.value)} />
      </label>
      <p className="tiny soft">{t("remark_more")}</p>
      <Fault error={fault} />
      <div className="row">
        <button className="primary" disabled={!changed || !name.trim()} onClick={() => void save()}>
          {t("save")}
        </button>
      </div>
      <h3>{t("said")}</h3>
      {set.said.length === 0 && <p className="soft">{t("nothing_said")}</p>}
      {set.said.map((text, number) => (
        <p key={number} className="note">
          {say(text)}
        </p>
      ))}
      <p className="soft tiny">
        {t(`origin_${set.origin}`)} · {set.created.replace("T", " ")} · set:{set.id}
      </p>
    </div>
  );
}

/** The images of a finished run as a data set. */
import { useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";

export function KeepImages({ run, name: first }: { run: string; name: string }) {
  const t = useText("measure");
  const [name, setName] = useState(first);
  const [kept, setKept] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const keep = async () => {
    setFault(null);
    try {
      setKept((await post<{ set: string }>("/api/operations/keep", { run, name })).set);
    } catch (error) {
      setFault(error);
    }
  };
  if (kept) {
    return (
      <p className="note good">
        {t("kept")} <Go to={`/data/${kept}`}>{t("to_set")}</Go>
      </p>
    );
  }
  return (
    <>
      <div className="row">
        <input aria-label={t("set_name")} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        <button onClick={() => void keep()} disabled={!name.trim()}>
          <Icon name="data" size={16} /> {t("keep")}
        </button>
      </div>
      <Fault error={fault} />
    </>
  );
}

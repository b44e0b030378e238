/** A folder of this machine, found by going through folders. */
import { useState } from "react";

import { Busy } from "../../parts/busy";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { go } from "../../shell/route";

interface Folder {
  path: string;
  above: string;
  folders: string[];
  files: number;
}

export function LocalFolder({ onClose }: { onClose: () => void }) {
  const t = useText("data");
  const [at, setAt] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const { data, error, loading } = useGet<Folder>(`/api/uploads/places?at=${encodeURIComponent(at)}`);
  const take = async () => {
    try {
      const { token } = await post<{ token: string }>("/api/uploads/local", { path: at });
      go(`/data/new/${token}`);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Dialog
      title={t("local_folder")}
      open
      onClose={onClose}
      actions={
        <button className="primary" disabled={!at} onClick={() => void take()}>
          {t("use_this_folder")}
        </button>
      }
    >
      <p className="soft">{t("local_more")}</p>
      <div className="row">
        <button className="small" disabled={!at} onClick={() => setAt(data?.above ?? "")}>
          <Icon name="up" size={16} /> {t("above")}
        </button>
        <span className="mono tiny data-path">{at}</span>
      </div>
      <Fault error={error ?? fault} />
      {loading && !data && <Busy small />}
      <ul className="data-folders">
        {data?.folders.map((one) => (
          <li key={one}>
            <button className="ghost" onClick={() => setAt(one)}>
              <Icon name="study" size={16} /> {at ? one.split(/[\\/]/).pop() : one}
            </button>
          </li>
        ))}
      </ul>
      {data && at && <p className="soft tiny">{t("n_files", { n: data.files })}</p>}
    </Dialog>
  );
}

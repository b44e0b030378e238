/** The status code to paste to the teacher, with a nickname by which the teacher knows it. */
import { useEffect, useState } from "react";

import { Dialog } from "../../parts/dialog";
import { useText } from "../../shell/language";
import type { Following } from "./follow";

export function CodeDialog({ open, onClose, following }: { open: boolean; onClose: () => void; following: Following }) {
  const t = useText("lessons");
  const progress = following.progress!;
  const [nickname, setNickname] = useState(progress.nickname);
  const [copied, setCopied] = useState(false);
  useEffect(() => setCopied(false), [progress.code]);
  const keep = () => nickname !== progress.nickname && following.call(nickname);
  return (
    <Dialog
      title={t("code")}
      open={open}
      onClose={onClose}
      actions={
        <button className="primary" onClick={() => void navigator.clipboard.writeText(progress.code).then(() => setCopied(true))}>
          {copied ? t("copied") : t("copy")}
        </button>
      }
    >
      <p>{t("code_about")}</p>
      <label className="field">
        <span>{t("nickname")}</span>
        <input value={nickname} maxLength={20} onChange={(event) => setNickname(event.target.value)} onBlur={keep} onKeyDown={(event) => event.key === "Enter" && keep()} />
      </label>
      <output className="lesson-code">{progress.code}</output>
    </Dialog>
  );
}

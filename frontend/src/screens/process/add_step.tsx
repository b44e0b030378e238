/** Choose an operation: every one that makes an image from an image, found by its name and grouped by what it belongs to. */
import { useMemo, useState } from "react";

import { grouped, type Entry } from "../../form";
import { Dialog } from "../../parts/dialog";
import { useLanguage, useSay, useText } from "../../shell/language";

export function AddStep({ entries, open, onClose, onAdd }: { entries: Entry[]; open: boolean; onClose: () => void; onAdd: (entry: Entry) => void }) {
  const t = useText("process");
  const say = useSay();
  const { language } = useLanguage();
  const [words, setWords] = useState("");
  const groups = useMemo(() => grouped(entries, words), [entries, words]);
  return (
    <Dialog title={t("add_title")} open={open} onClose={onClose} wide>
      <input type="search" autoFocus placeholder={t("search")} aria-label={t("search")} value={words} onChange={(event) => setWords(event.target.value)} />
      {groups.map((group) => (
        <section key={group.id} className="stack process-group">
          <h3>{say(group.label)}</h3>
          <div className="process-choices">
            {group.entries.map((entry) => (
              <button key={entry.name} type="button" className="card process-choice" data-operation={entry.name} onClick={() => onAdd(entry)}>
                <strong>{say(entry.label)}</strong>
                <span className="soft tiny">{language === "en" ? entry.summary : say({ ja: entry.name, en: entry.name })}</span>
              </button>
            ))}
          </div>
        </section>
      ))}
      {!groups.length && <p className="soft">{t("nothing_found")}</p>}
    </Dialog>
  );
}

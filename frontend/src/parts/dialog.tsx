import { useEffect, useRef, type ReactNode } from "react";

import { useText } from "../shell/language";
import { Icon } from "./icons";

/** A window over the page, closed by Escape, by its cross or by a click beside it. */
export function Dialog({ title, open, onClose, wide = false, children, actions }: { title: string; open: boolean; onClose: () => void; wide?: boolean; children: ReactNode; actions?: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const t = useText("shell");
  useEffect(() => {
    const shown = dialog.current;
    if (open && shown && !shown.open) shown.showModal();
    if (!open && shown?.open) shown.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog ref={dialog} className={wide ? "dialog wide" : "dialog"} aria-label={title} onClose={onClose} onMouseDown={(event) => event.target === dialog.current && onClose()}>
      <header>
        <h2>{title}</h2>
        <button className="ghost icon" onClick={onClose} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </header>
      <div className="dialog-body">{children}</div>
      {actions && <footer>{actions}</footer>}
    </dialog>
  );
}

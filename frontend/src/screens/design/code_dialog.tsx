/** The network as a Python file. */
import { useEffect, useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { post } from "../../shell/api";
import { useText } from "../../shell/language";
import type { Design } from "./types";

export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export function CodeDialog({ open, onClose, design }: { open: boolean; onClose: () => void; design: Design }) {
  const t = useText("design");
  const [file, set] = useState<{ name: string; code: string } | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [copied, tell] = useState(false);
  useEffect(() => {
    if (!open) return;
    set(null);
    fail(null);
    tell(false);
    post<{ name: string; code: string }>("/api/design/python", { design }).then(set, fail);
  }, [open, design]);
  return (
    <Dialog
      title={t("python")}
      open={open}
      onClose={onClose}
      wide
      actions={
        file && (
          <>
            <button onClick={() => void navigator.clipboard.writeText(file.code).then(() => tell(true))}>{t(copied ? "copied" : "copy")}</button>
            <button className="primary" onClick={() => download(file.name, file.code, "text/x-python")}>
              {t("download_file", { name: file.name })}
            </button>
          </>
        )
      }
    >
      <p className="soft">{t("python_about")}</p>
      <Fault error={error} />
      {file && (
        <pre className="design-code" tabIndex={0} lang="en">
          {file.code}
        </pre>
      )}
    </Dialog>
  );
}

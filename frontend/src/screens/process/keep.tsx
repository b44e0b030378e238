/** Chains under a name: keep, open, read from a file, write to a file. */
import { useRef, useState } from "react";

import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, post, useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { newStep, sent, type Step, type StepSent } from "./chain";

interface Kept {
  id: string;
  name: string;
  steps: StepSent[];
}

const asSteps = (steps: StepSent[]): Step[] => steps.map((step) => newStep(step.operation, step.options));

export function SaveChain({ steps, open, onClose }: { steps: Step[]; open: boolean; onClose: (saved: boolean) => void }) {
  const t = useText("process");
  const [name, setName] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const { data } = useGet<Kept[]>(open ? "/api/operations/chains" : null);
  const same = data?.find((one) => one.name === name.trim());
  const save = async () => {
    setFault(null);
    try {
      await post("/api/operations/chains", { name, steps: sent(steps), id: same?.id ?? "" });
      onClose(true);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Dialog
      title={t("save_title")}
      open={open}
      onClose={() => onClose(false)}
      actions={
        <button className="primary" onClick={save} disabled={!name.trim()}>
          {t(same ? "replace" : "save")}
        </button>
      }
    >
      <label className="field">
        <span>{t("chain_name")}</span>
        <input autoFocus value={name} maxLength={100} list="process-names" onChange={(event) => setName(event.target.value)} onKeyDown={(event) => event.key === "Enter" && name.trim() && void save()} />
        <datalist id="process-names">
          {data?.map((one) => (
            <option key={one.id} value={one.name} />
          ))}
        </datalist>
      </label>
      {steps.some((step) => step.off) && <p className="note">{t("off_left_out")}</p>}
      <Fault error={fault} />
    </Dialog>
  );
}

export function OpenChain({ open, onClose, onOpen }: { open: boolean; onClose: () => void; onOpen: (steps: Step[]) => void }) {
  const t = useText("process");
  const chooser = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<unknown>(null);
  const { data, error, again } = useGet<Kept[]>(open ? "/api/operations/chains" : null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      const found = await post<{ steps: StepSent[] }>("/api/operations/read", { text: await file.text() });
      onOpen(asSteps(found.steps));
    } catch (problem) {
      setFault(problem);
    }
  };
  const forget = async (id: string) => {
    try {
      await del(`/api/operations/chains/${id}`);
      again();
    } catch (problem) {
      setFault(problem);
    }
  };
  return (
    <Dialog
      title={t("open_title")}
      open={open}
      onClose={onClose}
      actions={
        <button onClick={() => chooser.current?.click()}>
          <Icon name="upload" size={16} /> {t("from_file")}
        </button>
      }
    >
      <input ref={chooser} type="file" hidden accept=".json" onChange={(event) => (void take(event.target.files?.[0]), (event.target.value = ""))} />
      <Fault error={fault ?? error} />
      {data?.length === 0 && <p className="soft">{t("no_chains")}</p>}
      <ul className="process-kept">
        {data?.map((one) => (
          <li key={one.id} className="row">
            <button className="ghost grow process-kept-name" onClick={() => onOpen(asSteps(one.steps))}>
              <strong>{one.name}</strong>
              <span className="soft tiny">{t("n_steps", { n: one.steps.length })}</span>
            </button>
            <button className="ghost icon" aria-label={t("delete", { name: one.name })} title={t("delete", { name: one.name })} onClick={() => void forget(one.id)}>
              <Icon name="trash" size={16} />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Give the chain to the browser as the file that `gazo process chain` reads. */
export function download(steps: Step[]): void {
  const text = JSON.stringify({ steps: sent(steps) }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `chain-${sent(steps).map((step) => step.operation).join("-").slice(0, 60)}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

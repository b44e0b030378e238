/** The chain on many images: a run that goes on by itself, with its images and its record. */
import { useState } from "react";

import { InputPicker, OptionForm, RunWatch, type OneInput, type Option, type Values } from "../../form";
import { Dialog } from "../../parts/dialog";
import { Fault } from "../../parts/fault";
import { post } from "../../shell/api";
import { useText } from "../../shell/language";
import { sent, type Step } from "./chain";

interface Props {
  steps: Step[];
  others: Record<string, string[]>;
  storing: Option[];
  spacing: number | null;
  /** The image in view: its data set is offered first. */
  image: string;
  open: boolean;
  onClose: () => void;
}

export function Apply({ steps, others, storing, spacing, image, open, onClose }: Props) {
  const t = useText("process");
  const own = image.match(/^(set:[0-9a-f]{8}):\d+$/)?.[1];
  const [words, setWords] = useState<string[] | null>(null);
  const [stored, setStored] = useState<Values>({});
  const [fault, setFault] = useState<unknown>(null);
  const [run, setRun] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const images = words ?? (own ? [own] : [image]);
  const input: OneInput = { name: "images", label: { ja: t("images"), en: t("images") }, kind: "Image", image: true, many: true, required: true };
  const start = async () => {
    setFault(null);
    setBusy(true);
    try {
      const opened = spacing === null ? {} : { opened: { spacing_mm: [spacing] } };
      const made = await post<{ run: string }>("/api/operations/apply", { steps: sent(steps), images, others, stored, ...opened });
      setRun(made.run);
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  const close = () => {
    setRun(null);
    setWords(null);
    setFault(null);
    onClose();
  };
  return (
    <Dialog
      title={t("apply_title")}
      open={open}
      onClose={close}
      actions={
        run === null ? (
          <button className="primary" onClick={() => void start()} disabled={busy || !images.length}>
            {t("start")}
          </button>
        ) : (
          <button onClick={close}>{t("close")}</button>
        )
      }
    >
      {run === null ? (
        <>
          <InputPicker input={input} value={images} onChange={setWords} />
          <OptionForm options={storing} values={stored} onChange={setStored} />
          <Fault error={fault} />
        </>
      ) : (
        <RunWatch run={run} />
      )}
    </Dialog>
  );
}

/** Who is left out, and why, from top to bottom. */
import { useFormat, useSay, useText } from "../../shell/language";
import type { Flow } from "./types";

export function FlowDiagram({ flow }: { flow: Flow }) {
  const t = useText("data");
  const say = useSay();
  const format = useFormat();
  const count = (images: number, patients: number) => (flow.patients_known ? t("flow_count", { images: format.whole(images), patients: format.whole(patients) }) : t("n_images", { n: format.whole(images) }));
  return (
    <ol className="data-flow" aria-label={t("tab_cohort")}>
      <li className="data-flow-box">
        <strong>{t("flow_all")}</strong>
        <span>{count(flow.images, flow.patients)}</span>
      </li>
      {flow.steps.map((step, number) => (
        <li key={number} className="data-flow-step">
          <div className="data-flow-out">
            <strong>{t("flow_out")}</strong> {say(step.reason)}
            <div>{count(step.images_out, step.patients_out)}</div>
          </div>
          <div className="data-flow-box">
            <strong>{t(number === flow.steps.length - 1 ? "flow_analysed" : "flow_left")}</strong>
            <span>{count(step.images, step.patients)}</span>
          </div>
        </li>
      ))}
    </ol>
  );
}

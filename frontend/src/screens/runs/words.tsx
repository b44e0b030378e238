/** Words and small signs that the list, the run and the comparison share. */
import { useFormat, useSay, useText } from "../../shell/language";
import type { Estimate, Run, State } from "./types";

const SIGNS: Record<State, string> = { made: "", starting: "on", queued: "", running: "on", stopped: "warn", cancelled: "", failed: "bad", finished: "good" };
const KNOWN = ["loss", "validation_loss", "validation_accuracy", "learning_rate"];

export function StateTag({ run }: { run: Run }) {
  const say = useSay();
  const t = useText("runs");
  return <span className={`tag ${SIGNS[run.state]}`}>{run.cancelling ? t("cancelling") : say(run.word)}</span>;
}

/** What a measured value is called. */
export function useValueName(): (name: string) => string {
  const t = useText("runs");
  return (name) => (KNOWN.includes(name) ? t(`value_${name}`) : name.replaceAll("_", " "));
}

/** An estimate with its interval. */
export function useEstimate(): (one: Estimate) => string {
  const format = useFormat();
  return ({ value, low, high, unit }) => {
    if (value === null) return "–";
    const number = (n: number) => (Math.abs(n) < 10 ? n.toFixed(3) : format.number(n, 4));
    const span = low === null || high === null ? "" : ` (${number(low)}–${number(high)})`;
    return `${number(value)}${unit ? ` ${unit}` : ""}${span}`;
  };
}

/** Runs: the list, one run, or several side by side. Which one is shown stands in the address. */
import { useRoute } from "../../shell/route";
import { Comparison } from "./compare";
import { RunList } from "./list";
import { OneRun } from "./one";
import "./runs.css";

export default function Runs() {
  const { parts, query } = useRoute();
  const compared = query.get("compare");
  if (parts[0]) return <OneRun key={parts[0]} id={parts[0]} />;
  if (compared) return <Comparison ids={compared.split(",").filter(Boolean)} />;
  return <RunList />;
}

/** Results: any finished run, drawn from what its report says. */
import { useRoute } from "../../shell/route";
import { OneResult } from "./one";
import { ResultList } from "./list";
import "./results.css";

export default function Results() {
  const { parts } = useRoute();
  return parts[0] ? <OneResult key={parts[0]} run={parts[0]} /> : <ResultList />;
}

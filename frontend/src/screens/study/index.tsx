/** Studies: what belongs together, with what a paper must report. */
import { useRoute } from "../../shell/route";
import { StudyList } from "./list";
import { StudyPage } from "./one";
import "./study.css";

export default function Studies() {
  const { parts } = useRoute();
  return parts[0] ? <StudyPage name={parts[0]} key={parts[0]} /> : <StudyList />;
}

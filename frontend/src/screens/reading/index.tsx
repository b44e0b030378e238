/** Reading experiments: the list, one of them for who leads it, and the page of a reader. */
import { useRoute } from "../../shell/route";
import { ExperimentList } from "./list";
import { ExperimentPage } from "./one";
import { ReaderPage } from "./reader";
import "./reading.css";

export default function ReadingScreen() {
  const { parts } = useRoute();
  const [id, reader] = parts;
  if (id && reader) return <ReaderPage key={`${id}/${reader}`} id={id} reader={reader} />;
  return id ? <ExperimentPage key={id} id={id} /> : <ExperimentList />;
}

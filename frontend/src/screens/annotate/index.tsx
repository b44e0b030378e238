/** Annotating: the annotations of the data sets, and one of them image after image. */
import { useRoute } from "../../shell/route";
import { Annotating } from "./annotating";
import { AnnotationList } from "./list";
import "./annotate.css";

export default function AnnotateScreen() {
  const { parts } = useRoute();
  const [set, id] = parts;
  return set && id ? <Annotating key={id} set={set} id={id} /> : <AnnotationList set={set ?? ""} />;
}

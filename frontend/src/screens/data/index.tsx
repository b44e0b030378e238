/** Data sets: the list, files on their way in, one set. */
import { useRoute } from "../../shell/route";
import { SetList } from "./list";
import { SetPage } from "./set_page";
import { Intake } from "./intake";
import "./data.css";

export default function DataScreen() {
  const { parts } = useRoute();
  const [first, second] = parts;
  if (first === "new" && second) return <Intake key={second} token={second} />;
  return first ? <SetPage key={first} id={first} /> : <SetList />;
}

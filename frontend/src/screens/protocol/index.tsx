/** Measuring by hand: the protocols of the workspace, one of them image after image, and the table of what was measured. */
import { useRoute } from "../../shell/route";
import { ProtocolList } from "./list";
import { Reading } from "./reading";
import { ProtocolTable } from "./table";
import "./protocol.css";

export default function ProtocolScreen() {
  const { parts } = useRoute();
  const [id, page] = parts;
  if (!id) return <ProtocolList />;
  return page === "table" ? <ProtocolTable id={id} /> : <Reading key={id} id={id} />;
}

import { ApiError } from "../shell/api";
import { useSay, useText } from "../shell/language";
import { Icon } from "./icons";
import "./fault.css";

/** What could not be done and what to do, in the user's language; nothing where there is no error. */
export function Fault({ error, onClose }: { error: unknown; onClose?: () => void }) {
  const say = useSay();
  const t = useText("shell");
  if (!error) return null;
  const known = error instanceof ApiError;
  return (
    <div className="fault" role="alert">
      <Icon name="warning" />
      <p>
        {known ? say(error.text) : t("broken")} <span className="fault-code">{known ? error.code : String(error)}</span>
      </p>
      {onClose && (
        <button className="ghost icon" onClick={onClose} aria-label={t("close")}>
          <Icon name="close" size={16} />
        </button>
      )}
    </div>
  );
}

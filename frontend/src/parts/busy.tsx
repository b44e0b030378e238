import { useText } from "../shell/language";

/** Something is on its way. */
export function Busy({ small = false }: { small?: boolean }) {
  const t = useText("shell");
  return (
    <div className={small ? "busy small" : "busy"} role="status">
      <span className="busy-dot" aria-hidden="true" />
      {!small && t("loading")}
    </div>
  );
}

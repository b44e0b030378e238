/** The keys and the mouse of the viewer. */
import { Dialog } from "../parts/dialog";
import { useText } from "../shell/language";
import { KEYS } from "./keys";

const MOUSE = ["drag", "middle", "right", "wheel", "wheel_volume", "shift", "double"];

export function ViewerHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText("viewer");
  return (
    <Dialog title={t("help")} open={open} onClose={onClose} wide>
      <div className="viewer-help">
        <section>
          <h3>{t("mouse")}</h3>
          <dl>
            {MOUSE.map((name) => (
              <div key={name}>
                <dt>{t(`mouse_${name}`)}</dt>
                <dd>{t(`mouse_${name}_does`)}</dd>
              </div>
            ))}
          </dl>
          <p className="soft tiny">{t("mean_help")}</p>
        </section>
        <section>
          <h3>{t("keyboard")}</h3>
          <dl>
            {KEYS.map(([keys, text]) => (
              <div key={text}>
                <dt>
                  {keys.split(" ").map((key, i) => key && <kbd key={i}>{key}</kbd>)}
                </dt>
                <dd>{t(text)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

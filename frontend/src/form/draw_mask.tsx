/** A mask drawn on the image it belongs to: rectangles, ellipses and polygons together. */
import { useMemo, useState } from "react";

import { Dialog } from "../parts/dialog";
import { Fault } from "../parts/fault";
import { Icon } from "../parts/icons";
import { post } from "../shell/api";
import { useText } from "../shell/language";
import { isArea, useShapes, Viewer, type Tool } from "../viewer";

const TOOLS: Tool[] = ["rectangle", "ellipse", "polygon", "select"];

export function DrawMask({ image, title, onDrawn }: { image: string; title: string; onDrawn: (address: string) => void }) {
  const t = useText("form");
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="edit" size={16} /> {t("draw")}
      </button>
      {open && <Drawing image={image} title={title} onClose={() => setOpen(false)} onDrawn={(address) => (onDrawn(address), setOpen(false))} />}
    </>
  );
}

function Drawing({ image, title, onClose, onDrawn }: { image: string; title: string; onClose: () => void; onDrawn: (address: string) => void }) {
  const t = useText("form");
  const shapes = useShapes();
  const [tool, setTool] = useState<Tool>("rectangle");
  const [fault, setFault] = useState<unknown>(null);
  const panes = useMemo(() => [{ address: image }], [image]);
  const areas = shapes.shapes.filter((shape) => isArea(shape.kind));
  const take = async () => {
    setFault(null);
    try {
      const sent = areas.map(({ kind, points }) => ({ kind, points }));
      onDrawn((await post<{ address: string }>("/api/operations/mask", { address: image, shapes: sent, plane: areas[0]?.plane ?? 0 })).address);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Dialog
      title={title}
      open
      wide
      onClose={onClose}
      actions={
        <>
          <span className="soft grow">{t("n_drawn", { n: areas.length })}</span>
          <button type="button" className="primary" onClick={() => void take()} disabled={!areas.length}>
            {t("take_mask")}
          </button>
        </>
      }
    >
      <Fault error={fault} />
      <div className="form-drawing">
        <Viewer panes={panes} tools={TOOLS} tool={tool} onTool={setTool} shapes={shapes} />
      </div>
    </Dialog>
  );
}

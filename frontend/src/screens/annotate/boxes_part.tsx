/** Boxes with a class each. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { Icon } from "../../parts/icons";
import { post } from "../../shell/api";
import { useText } from "../../shell/language";
import { useShapes, Viewer, type Shape, type Tool } from "../../viewer";
import { Classes } from "./classes";
import { colourOf, type Mark, type PartProps } from "./types";

type Box = Mark["boxes"][number];

export function BoxesPart({ annotation, row, mark, address, hold, children }: PartProps & { children: ReactNode }) {
  const t = useText("annotate");
  const classes = annotation.classes;
  const [name, choose] = useState(classes[0]!);
  const [tool, setTool] = useState<Tool>("rectangle");
  const touched = useRef(false);
  const current = useRef(name);
  current.current = name;
  const classOf = useRef(new Map<string, string>());
  const begin = useMemo(() => (mark?.boxes ?? []).map((box, i) => asShape(box, `kept${i}`, classOf.current)), []);
  const handle = useShapes(begin, (all) => {
    touched.current = true;
    for (const shape of all) if (!classOf.current.has(shape.id)) classOf.current.set(shape.id, current.current);
  });
  const shapes = { ...handle, shapes: handle.shapes.map((shape) => named(shape, classOf.current, classes)) };
  const now = useRef(handle.shapes);
  now.current = handle.shapes;
  useEffect(() => {
    hold(async () => {
      if (!touched.current && mark) return null;
      const boxes = now.current.map((shape) => asBox(shape, classOf.current));
      return post<Mark>(`/api/annotations/${annotation.set}/${annotation.id}/marks`, { row, boxes });
    });
  }, [hold, annotation, row, mark]);
  const panes = useMemo(() => [{ address }], [address]);
  const give = (one: string) => {
    choose(one);
    const shape = handle.shapes.find((other) => other.id === handle.chosen);
    if (shape) {
      classOf.current.set(shape.id, one);
      handle.change({ ...shape });
    }
  };
  return (
    <>
      <Viewer panes={panes} tools={["rectangle"]} tool={tool} onTool={setTool} shapes={shapes} />
      <aside className="annotate-side">
        {children}
        <Classes classes={classes} chosen={classOf.current.get(handle.chosen ?? "") ?? name} onChoose={give} />
        <h3>{t("n_boxes", { n: handle.shapes.length })}</h3>
        <ul className="annotate-boxes">
          {shapes.shapes.map((shape) => (
            <li key={shape.id} aria-current={shape.id === handle.chosen || undefined}>
              <button className="ghost small grow" onClick={() => handle.choose(shape.id)}>
                <span className="annotate-dot" style={{ background: shape.colour }} aria-hidden="true" />
                {shape.label}
              </button>
              <button className="ghost icon small" onClick={() => handle.remove(shape.id)} aria-label={t("remove_box")}>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      </aside>
    </>
  );
}

function asShape([name, [x, y, width, height]]: Box, id: string, classOf: Map<string, string>): Shape {
  classOf.set(id, name);
  return { id, kind: "rectangle", label: name, points: [[x - 0.5, y - 0.5], [x + width - 0.5, y + height - 0.5]] };
}

/** Shapes count from the centre of the first pixel, boxes from its corner. */
function asBox(shape: Shape, classOf: Map<string, string>): Box {
  const [[x0, y0], [x1, y1]] = shape.points as [[number, number], [number, number]];
  return [classOf.get(shape.id)!, [Math.min(x0, x1) + 0.5, Math.min(y0, y1) + 0.5, Math.abs(x1 - x0), Math.abs(y1 - y0)]];
}

function named(shape: Shape, classOf: Map<string, string>, classes: string[]): Shape {
  const name = classOf.get(shape.id) ?? classes[0]!;
  return { ...shape, label: name, colour: colourOf(classes.indexOf(name)) };
}

/** A class for the whole image: one key, and the next image comes. */
import { useEffect, useMemo, useRef, type ReactNode } from "react";

import { post } from "../../shell/api";
import { Viewer } from "../../viewer";
import { Classes } from "./classes";
import type { Mark, PartProps } from "./types";

export function ClassPart({ annotation, row, mark, address, hold, next, children }: PartProps & { children: ReactNode }) {
  const chosen = useRef(mark?.name ?? "");
  useEffect(() => {
    hold(async () => {
      if (!chosen.current || chosen.current === mark?.name) return null;
      return post<Mark>(`/api/annotations/${annotation.set}/${annotation.id}/marks`, { row, name: chosen.current });
    });
  }, [hold, annotation, row, mark]);
  const panes = useMemo(() => [{ address }], [address]);
  return (
    <>
      <Viewer panes={panes} />
      <aside className="annotate-side">
        {children}
        <Classes
          classes={annotation.classes}
          chosen={mark?.name ?? ""}
          onChoose={(name) => {
            chosen.current = name;
            next();
          }}
        />
      </aside>
    </>
  );
}

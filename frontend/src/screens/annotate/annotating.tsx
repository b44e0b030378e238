/** One image after the other. What was changed is stored when the user goes on. */
import { useCallback, useRef, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useKeys } from "../../parts/keys";
import { useGet } from "../../shell/api";
import { useText } from "../../shell/language";
import { Go, go, useRoute, withQuery } from "../../shell/route";
import { BoxesPart } from "./boxes_part";
import { ClassPart } from "./class_part";
import { MaskPart } from "./mask_part";
import type { Annotation, Mark, PartProps } from "./types";

const PARTS = { class: ClassPart, boxes: BoxesPart, mask: MaskPart };

export function Annotating({ set, id }: { set: string; id: string }) {
  const { data, error, loading } = useGet<Annotation & { marks: Mark[] }>(`/api/annotations/${set}/${id}`);
  if (error) return <Fault error={error} />;
  if (loading || !data) return <Busy />;
  return <Sequence annotation={data} first={data.marks} />;
}

function Sequence({ annotation, first }: { annotation: Annotation; first: Mark[] }) {
  const t = useText("annotate");
  const { query } = useRoute();
  const [marks, keep] = useState(() => new Map(first.map((mark) => [mark.row, mark])));
  const [fault, fail] = useState<unknown>(null);
  const store = useRef<() => Promise<Mark | null>>(async () => null);
  const open = Array.from({ length: annotation.rows }, (_, row) => row).find((row) => !marks.has(row));
  const [begin] = useState(open ?? 0);
  const row = Math.min(annotation.rows - 1, Math.max(0, Number(query.get("row") ?? begin)));
  const show = useCallback(
    (to: number) =>
      store.current().then((mark) => {
        if (mark) keep((old) => new Map(old).set(mark.row, mark));
        fail(null);
        go(withQuery({ row: String((to + annotation.rows) % annotation.rows) }), { replace: true });
      }, fail),
    [annotation.rows],
  );
  const hold = useCallback((one: () => Promise<Mark | null>) => {
    store.current = one;
  }, []);
  useKeys({ Enter: () => void show(row + 1), ArrowRight: () => void show(row + 1), ArrowLeft: () => void show(row - 1) });
  const Part = PARTS[annotation.kind];
  const given: PartProps = { annotation, row, mark: marks.get(row) ?? null, address: `set:${annotation.set}:${row}`, hold, next: () => void show(row + 1) };
  return (
    <div className="annotate">
      <Part key={row} {...given}>
        <Go to={`/annotate/${annotation.set}`} className="tiny">
          {t("back")}
        </Go>
        <h2>{annotation.name}</h2>
        <progress max={annotation.rows} value={marks.size} aria-label={t("progress")} />
        <p className="soft tiny">
          {t("image_n", { n: row + 1, of: annotation.rows })} · {marks.has(row) ? t("marked") : t("unmarked")}
        </p>
        <Fault error={fault} onClose={() => fail(null)} />
        <div className="row">
          <button onClick={() => void show(row - 1)} aria-label={t("previous")}>
            <Icon name="left" size={16} />
          </button>
          <button className="primary grow" onClick={() => void show(row + 1)}>
            {t("next")} <kbd>Enter</kbd>
          </button>
        </div>
        <p className="soft tiny">{t(`${annotation.kind}_keys`)}</p>
      </Part>
    </div>
  );
}

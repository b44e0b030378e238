/** Draw rectangles over one image of a group; they are blacked out in all of its images. By mouse, or by numbers. */
import { useRef, useState, type PointerEvent } from "react";

import { Icon } from "../../parts/icons";
import { useText } from "../../shell/language";
import type { Cure, Group, Rectangle } from "./types";

export function Blackout({ token, group, cure, onCure }: { token: string; group: Group; cure: Cure; onCure: (cure: Cure) => void }) {
  const t = useText("data");
  const [row, setRow] = useState(group.rows[0]!);
  const [rectangles, setRectangles] = useState<Rectangle[]>(cure.rectangles);
  const [drawn, setDrawn] = useState<Rectangle | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const from = useRef<[number, number] | null>(null);
  const at = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = box.current!.getBoundingClientRect();
    const inside = (value: number, most: number) => Math.round(Math.min(1, Math.max(0, value)) * most);
    return [inside((event.clientX - left) / width, group.width), inside((event.clientY - top) / height, group.height)];
  };
  const between = ([x, y]: [number, number], [u, v]: [number, number]): Rectangle => [Math.min(x, u), Math.min(y, v), Math.abs(x - u), Math.abs(y - v)];
  const up = (event: PointerEvent) => {
    if (!from.current) return;
    const made = between(from.current, at(event));
    from.current = null;
    setDrawn(null);
    if (made[2] > 1 && made[3] > 1) setRectangles((old) => [...old, made]);
  };
  const change = (number: number, place: number, value: number) => setRectangles((old) => old.map((one, n) => (n === number ? (one.map((v, p) => (p === place ? value : v)) as Rectangle) : one)));
  const style = ([x, y, width, height]: Rectangle) => ({ left: `${(100 * x) / group.width}%`, top: `${(100 * y) / group.height}%`, width: `${(100 * width) / group.width}%`, height: `${(100 * height) / group.height}%` });
  return (
    <div className="data-blackout">
      <div className="stack">
        <p className="soft">{t("blackout_more", { n: group.count })}</p>
        <div
          ref={box}
          className="data-canvas"
          style={{ aspectRatio: `${group.width} / ${group.height}` }}
          onPointerDown={(event) => ((from.current = at(event)), event.currentTarget.setPointerCapture(event.pointerId))}
          onPointerMove={(event) => from.current && setDrawn(between(from.current, at(event)))}
          onPointerUp={up}
        >
          <img src={`/api/uploads/incoming/${token}/picture?row=${row}&px=1024`} alt={t("image")} draggable={false} />
          {[...rectangles, ...(drawn ? [drawn] : [])].map((one, number) => (
            <span key={number} className="data-black" style={style(one)} />
          ))}
        </div>
      </div>
      <div className="stack">
        <div className="data-pick-row">
          {group.rows.map((one) => (
            <button key={one} className="data-mini" aria-pressed={one === row} onClick={() => setRow(one)}>
              <img src={`/api/uploads/incoming/${token}/picture?row=${one}&px=160`} alt={String(one + 1)} loading="lazy" />
            </button>
          ))}
        </div>
        {rectangles.map((one, number) => (
          <div key={number} className="row data-numbers">
            {one.map((value, place) => (
              <input key={place} type="number" min={0} value={value} aria-label={t(`rectangle_${place}`)} onChange={(event) => change(number, place, Number(event.target.value))} />
            ))}
            <button className="ghost icon" aria-label={t("remove")} onClick={() => setRectangles((old) => old.filter((_, n) => n !== number))}>
              <Icon name="trash" size={16} />
            </button>
          </div>
        ))}
        <button className="small" onClick={() => setRectangles((old) => [...old, [0, 0, group.width, Math.max(1, Math.round(group.height / 10))]])}>
          {t("add_rectangle")}
        </button>
        <div className="row end">
          <button className="primary" onClick={() => onCure({ take: true, rectangles })}>
            {t("decide")}
          </button>
        </div>
      </div>
    </div>
  );
}

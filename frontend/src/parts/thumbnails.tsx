/** Small pictures of images in rows, to look at and to choose from. Moved through by the arrow keys, chosen by Enter or space. */
import { useRef, type KeyboardEvent } from "react";

import { useText } from "../shell/language";
import "./thumbnails.css";

export interface Thumbnail {
  address: string;
  caption?: string;
  more?: string;
  warn?: boolean;
}

export const thumbnailOf = (address: string, px = 160) => `/api/images/thumbnail?address=${encodeURIComponent(address)}&px=${px}`;

export function Thumbnails({ images, chosen, onPress, label, size = 120 }: { images: Thumbnail[]; chosen?: ReadonlySet<string>; onPress: (address: string, extend: boolean) => void; label: string; size?: number }) {
  const t = useText("pick");
  const box = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll("button") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    const first = all[0]!.offsetTop;
    const across = Math.max(1, all.filter((one) => one.offsetTop === first).length);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
  };
  return (
    <div className="thumbnails" role="group" aria-label={label} ref={box} onKeyDown={move} style={{ ["--side" as string]: `${size}px` }}>
      {images.map((image) => (
        <button key={image.address} className={image.warn ? "thumbnail warn" : "thumbnail"} aria-pressed={chosen ? chosen.has(image.address) : undefined} onClick={(event) => onPress(image.address, event.shiftKey)}>
          <img src={thumbnailOf(image.address, size > 130 ? 256 : 160)} alt={image.caption ?? t("image")} loading="lazy" decoding="async" onError={(event) => (event.currentTarget.dataset.broken = "yes")} />
          {image.caption !== undefined && <span className="thumbnail-caption">{image.caption || "–"}</span>}
          {image.more && <span className="thumbnail-more">{image.more}</span>}
        </button>
      ))}
    </div>
  );
}

/** Which of many pages is shown, with steps to the others; nothing where one page holds all. */
export function Pages({ start, count, total, onStart }: { start: number; count: number; total: number; onStart: (start: number) => void }) {
  const t = useText("pick");
  if (total <= count) return null;
  return (
    <nav className="row" aria-label={t("pages")}>
      <button className="small" disabled={start === 0} onClick={() => onStart(Math.max(0, start - count))}>
        {t("before")}
      </button>
      <span className="soft tiny">{t("from_to", { from: start + 1, to: Math.min(total, start + count), total })}</span>
      <button className="small" disabled={start + count >= total} onClick={() => onStart(start + count)}>
        {t("after")}
      </button>
    </nav>
  );
}

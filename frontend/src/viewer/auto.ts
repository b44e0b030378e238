/** The window that shows a plane best, from its values. */
import type { Header, Window } from "./types";
import type { Plane } from "./pixels";

const SAMPLES = 1 << 18;

/** From the 0.5th to the 99.5th percentile of a plane; around 0 where values are signed. */
export function autoWindow(plane: Plane, header: Header): Window {
  const { codes } = plane.at(plane.base);
  const step = Math.max(1, Math.floor(codes.length / SAMPLES));
  const counts = new Uint32Array(65536);
  let all = 0;
  for (let i = 0; i < codes.length; i += step) {
    if (header.gaps && codes[i] === 0) continue;
    counts[codes[i]]++;
    all++;
  }
  const value = (share: number) => {
    let sum = 0;
    let code = 0;
    while (code < 65535 && (sum += counts[code]) <= share * all) code++;
    return header.slope * code + header.intercept;
  };
  const [low, high] = [value(0.005), value(0.995)];
  if (header.signed) return { centre: 0, width: 2 * Math.max(Math.abs(low), Math.abs(high), Math.abs(header.slope)) };
  return { centre: (low + high) / 2, width: Math.max(high - low, Math.abs(header.slope)) };
}

/** Line drawings of the viewer's tools, 24 x 24. */
const PATHS = {
  window: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 3v18M12 7h6M12 12h9M12 17h6",
  pan: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  zoom: "M10.5 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L21 21M10.500 7.500v6M7.500 10.500h6",
  cross: "M12 6a6 6 0 100 12 6 6 0 000-12zM12 2v7M12 15v7M2 12h7M15 12h7",
  select: "M6 3l12 9-5 1 3 6-3 1.500-3-6-4 4z",
  rectangle: "M4 6h16v12H4z",
  ellipse: "M12 6c5 0 9 2.700 9 6s-4 6-9 6-9-2.700-9-6 4-6 9-6z",
  polygon: "M4 9l8-5 8 6-3 9H7z",
  line: "M4 19L20 5M3 17l3 3M18 4l3 3",
  edge: "M4 19l4-3.500M10 14l4-3.500M16 8.500L20 5M4 5h6v6",
  angle: "M20 19H4L16 5M11 19a7 7 0 00-2.300-5.300",
  point: "M12 5v5M12 14v5M5 12h5M14 12h5",
  brush: "M20 4L11 13M9 14c-3 0-3 4-6 5 4 2 9 1 9-3z",
  eraser: "M8 20l-5-5L14 4l6 6-10 10zM8 20h12M9 9l6 6",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  invert: "M12 3a9 9 0 100 18zM12 3a9 9 0 010 18",
  turn: "M19 12a7 7 0 11-2-5M17 3v4h-4",
  mirror: "M12 3v18M9 7l-6 10h6zM15 7l6 10h-6z",
  smooth: "M4 4h4v4H4zM10 4h4v4h-4zM4 10h4v4H4zM20 8c0 7-5 12-12 12",
  profile: "M4 4v16h16M6 15c3 0 3-8 6-8s3 6 8 6",
  auto: "M4 20L10 5l6 15M6 15h8M19 4v6M16 7h6",
  layers: "M12 3l9 5-9 5-9-5zM4 12l8 4.500L20 12M4 16l8 4.500L20 16",
  facts: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v6M12 7h.01",
  statistics: "M4 20V10h4v10M10 20V4h4v16M16 20v-8h4v8",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
} as const;

export type GlyphName = keyof typeof PATHS;

export function Glyph({ name, size = 18 }: { name: GlyphName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} fill={name === "invert" ? "currentColor" : "none"} fillOpacity={name === "invert" ? 0.5 : 0} />
    </svg>
  );
}

/** Small line drawings, 24 x 24. */
const PATHS = {
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  data: "M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0zM4 6c0 3 16 3 16 0M4 12c0 3 16 3 16 0",
  viewer: "M3 5h18v14H3zM7 15l3-4 3 3 2-2 3 4M8 9h.01",
  annotate: "M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3",
  ruler: "M3 16L16 3l5 5L8 21zM7 12l2 2M10 9l2 2M13 6l2 2",
  sliders: "M5 4v16M12 4v16M19 4v16M3 9h4M10 15h4M17 8h4",
  measure: "M4 20V4M4 20h16M6 8c5 0 6 9 13 9",
  balance: "M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z",
  texture: "M4 4h16v16H4zM4 9l5-5M4 15L15 4M6 20L20 6M12 20l8-8M17 20l3-3",
  network: "M4 6h5v5H4zM4 14h5v5H4zM15 10h5v5h-5zM9 8.500h3v4h3M9 16.500h3v-4",
  train: "M4 19V5M4 19h16M7 8c3 8 7 8 12 9",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  chart: "M4 20h16M7 20v-7M12 20V5M17 20v-10",
  try: "M12 3l2.500 6 6.500.500-5 4 1.700 6.500-5.700-3.600L6.300 20 8 13.500l-5-4 6.500-.500z",
  study: "M4 5h7l2 2h7v12H4zM8 12h8M8 15h5",
  report: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
  lessons: "M3 7l9-4 9 4-9 4zM7 9v6c3 3 7 3 10 0V9M21 7v6",
  settings: "M12 9a3 3 0 100 6 3 3 0 000-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M5.600 18.400l2.100-2.100M16.300 7.700l2.100-2.100",
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  undo: "M9 7L4 12l5 5M4 12h11a5 5 0 010 10h-3",
  redo: "M15 7l5 5-5 5M20 12H9a5 5 0 000 10h3",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  play: "M7 4l13 8-13 8z",
  stop: "M6 6h12v12H6z",
  pause: "M8 5v14M16 5v14",
  save: "M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  upload: "M12 16V5M7 9l5-5 5 5M4 20h16",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6",
  edit: "M4 20l4-1L19 8l-3-3L5 16z",
  search: "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5",
  help: "M12 3a9 9 0 100 18 9 9 0 000-18zM9.500 9.500a2.500 2.500 0 114 2c-1 .700-1.500 1.200-1.500 2.500M12 17h.01",
  check: "M4 12l5 6L20 6",
  warning: "M12 3L2 20h20zM12 10v4M12 17h.01",
  eye: "M2 12c5-9 15-9 20 0-5 9-15 9-20 0zM12 9a3 3 0 100 6 3 3 0 000-6z",
  link: "M10 14a4 4 0 006 0l4-4a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-4 4a4 4 0 006 6l1-1",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  moon: "M20 14A8 8 0 0110 4a8 8 0 1010 10z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.700" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

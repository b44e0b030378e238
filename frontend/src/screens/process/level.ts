/** How often the image is halved on the screen: the level that is computed while the hand moves. */
const MOST = 8;

export function levelOf(zoom: number, box: HTMLElement | null, panes: number, image: { rows: number; columns: number; spacing_mm: number[] | null }): number {
  const width = (box?.clientWidth ?? 600) / Math.max(1, panes);
  const height = box?.clientHeight ?? 600;
  const [tall, wide] = (image.spacing_mm ?? [1, 1]).slice(-2) as [number, number];
  const fit = Math.min(width / (image.columns * wide), height / (image.rows * tall));
  const pixels = (zoom || fit) * Math.min(wide, tall) * devicePixelRatio; // device pixels for one pixel of the image
  return Math.max(0, Math.min(MOST, Math.round(-Math.log2(pixels))));
}

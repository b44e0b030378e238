/** Images of layers, fetched once and cut like the image below them. */
import { useCallback, useRef } from "react";

import type { Grid } from "./pane_draw";
import { Plane, storedPixels, type Pixels } from "./pixels";
import type { Axis, HeatLayer, Layer, MaskLayer } from "./types";
import { planeNow } from "./use_pixels";

/** A function that gives the plane of a layer, or undefined while it is on its way; `redraw` is called when it has come. */
export function useGrids(layers: Layer[], redraw: () => void): (layer: MaskLayer | HeatLayer, plane: number, axis: Axis) => Grid | undefined {
  const here = useRef(new Map<string, Pixels | null>());
  return useCallback(
    (layer, plane, axis) => {
      if (layer.kind === "mask" && layer.labels) {
        const { data, rows, columns } = layer.labels;
        return { plane: new Plane({ codes: data, rows, columns }, 1), size: { rows, columns }, header: null };
      }
      const address = layer.address;
      if (!address) return undefined;
      const pixels = here.current.get(address);
      if (pixels === undefined) {
        here.current.set(address, null);
        storedPixels(address).then(
          (found) => {
            here.current.set(address, found);
            redraw();
          },
          () => undefined,
        );
      }
      if (!pixels || pixels.channels !== 1) return undefined;
      const size = pixels.size(axis);
      const cut = planeNow(pixels, axis, Math.min(plane, size.planes - 1), redraw);
      return cut && { plane: cut, size, header: pixels.header };
    },
    // eslint-style lists are not kept here: the function only reads what it is given
    [redraw, layers.length],
  );
}

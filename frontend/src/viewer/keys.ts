/** The keyboard of the viewer: what each key does, in one table that the help dialog shows too. */
import { autoWindow } from "./auto";
import { cursorAt, cursorIn, movedBy, zoomedAt } from "./geometry";
import type { Stage } from "./gestures";
import type { Hold } from "./pane";
import type { Preset } from "./types";
import { atPlane, planeOf, windowOf } from "./view";

/** What keys can ask of the viewer besides changing the view of one pane. */
export interface Wishes {
  help: () => void;
  link: () => void;
  play: () => void;
  presets: () => Preset[];
  neighbour: (step: -1 | 1) => void;
}

/** Rows of the help dialog: keys, and the text that tells what they do. */
export const KEYS: [keys: string, text: string][] = [
  ["[ ]", "key_width"],
  ["{ }", "key_centre"],
  ["A", "key_auto"],
  ["W", "key_preset"],
  ["I", "key_invert"],
  ["+ −", "key_zoom"],
  ["0", "key_fit"],
  ["1", "key_one"],
  ["Ctrl+↑↓←→", "key_pan"],
  ["↑↓←→", "key_cursor"],
  ["Shift+↑↓←→", "key_cursor_ten"],
  ["Enter", "key_set"],
  [", .", "key_brush"],
  ["Esc", "key_drop"],
  ["Del", "key_delete"],
  ["Ctrl+Z  Ctrl+Y", "key_undo"],
  ["PageUp PageDown", "key_plane"],
  ["Home End", "key_plane_end"],
  ["C", "key_play"],
  ["R", "key_turn"],
  ["H", "key_mirror"],
  ["S", "key_smooth"],
  ["L", "key_link"],
  ["N P", "key_neighbour"],
  ["Tab", "key_pane"],
  ["?", "key_help"],
];

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Do what a key asks for; true when it meant something here. */
export function pressed(event: { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean }, hold: Hold, wishes: Wishes): boolean {
  const stage = hold.stage();
  if (!stage || event.altKey) return false;
  const control = event.ctrlKey || event.metaKey;
  if (event.key in ARROWS) return arrow(stage, hold, ARROWS[event.key], control, event.shiftKey);
  if (control) return undoing(stage, event.key.toLowerCase(), event.shiftKey);
  return viewing(stage, event.key) || planes(stage, event.key) || drawing(stage, hold, event.key) || wishing(stage, event.key, wishes);
}

function arrow(stage: Stage, hold: Hold, [x, y]: [number, number], control: boolean, shift: boolean): boolean {
  const view = stage.model.get();
  if (control) {
    stage.model.set(movedBy(view, stage.layout, stage.axis, -40 * x, -40 * y));
    return true;
  }
  const step = shift ? 10 : 1;
  const [column, row] = cursorIn(view, stage.layout, stage.axis);
  const at: [number, number] = [Math.round(column + x * step), Math.round(row + y * step)];
  stage.model.set({ ...cursorAt(view, stage.layout, stage.axis, at), cursor: true });
  if (hold.gestures.draft) hold.gestures.follow(at);
  return true;
}

function undoing(stage: Stage, key: string, shift: boolean): boolean {
  const history = stage.shapes ?? stage.mask;
  if (!history || (key !== "z" && key !== "y")) return false;
  if (key === "y" || shift) history.redo();
  else history.undo();
  return true;
}

function viewing({ model, layout, axis, group, pixels }: Stage, key: string): boolean {
  const view = model.get();
  const window = windowOf(view, group, pixels);
  const middle: [number, number] = [layout.width / 2, layout.height / 2];
  const wider = (factor: number) => model.setWindow(group, { ...window, width: window.width * factor });
  const higher = (share: number) => model.setWindow(group, { ...window, centre: window.centre + share * window.width });
  const plane = pixels.plane(axis, planeOf(view, pixels, axis));
  const doings: Record<string, () => void> = {
    "[": () => wider(1 / 1.1),
    "]": () => wider(1.1),
    "{": () => higher(-0.05),
    "}": () => higher(0.05),
    a: () => plane && model.setWindow(group, autoWindow(plane, pixels.header)),
    i: () => model.set({ inverted: !view.inverted }),
    "+": () => model.set(zoomedAt(view, layout, axis, 1.25, middle)),
    ";": () => model.set(zoomedAt(view, layout, axis, 1.25, middle)), // the key of + without shift on Japanese keyboards
    "=": () => model.set(zoomedAt(view, layout, axis, 1.25, middle)),
    "-": () => model.set(zoomedAt(view, layout, axis, 1 / 1.25, middle)),
    "0": () => model.set({ zoom: 0, centre: [0.5, 0.5, 0.5] }),
    "1": () => model.set(zoomedAt(view, layout, axis, 1 / (layout.scaleX * devicePixelRatio), middle)),
    r: () => model.set({ turn: ((view.turn + 1) % 4) as 0 | 1 | 2 | 3 }),
    h: () => model.set({ mirrored: !view.mirrored }),
    s: () => model.set({ smooth: !view.smooth }),
  };
  return done(doings, key);
}

function planes({ model, axis, pixels }: Stage, key: string): boolean {
  const view = model.get();
  const { planes: count } = pixels.size(axis);
  if (count < 2) return false;
  const to = (plane: number) => model.set(atPlane(view, pixels, axis, plane));
  const plane = planeOf(view, pixels, axis);
  return done({ PageDown: () => to(plane + 1), PageUp: () => to(plane - 1), Home: () => to(0), End: () => to(count - 1) }, key);
}

function drawing(stage: Stage, { gestures }: Hold, key: string): boolean {
  const { shapes } = stage;
  const chosen = shapes?.shapes.find((shape) => shape.id === shapes.chosen);
  if (key === "Enter" && gestures.draft?.kind === "polygon" && gestures.repeated) gestures.finish();
  else if (key === "Enter" && (stage.shapes || stage.mask)) gestures.press(cursorIn(stage.model.get(), stage.layout, stage.axis));
  else if ((key === "," || key === ".") && stage.mask) stage.mask.setRadius(Math.min(500, Math.max(1, stage.mask.radius + (key === "." ? 1 : -1) * Math.ceil(stage.mask.radius / 5))));
  else if (key === "Escape" && gestures.draft) gestures.drop();
  else if (key === "Escape" && stage.model.get().cursor) stage.model.set({ cursor: false });
  else if ((key === "Delete" || key === "Backspace") && chosen && !chosen.fixed) shapes!.remove(chosen.id);
  else return false;
  return true;
}

function wishing(stage: Stage, key: string, wishes: Wishes): boolean {
  const nextPreset = () => {
    const [presets, now] = [wishes.presets(), windowOf(stage.model.get(), stage.group, stage.pixels)];
    const at = presets.findIndex((one) => one.centre === now.centre && one.width === now.width);
    if (presets.length) stage.model.setWindow(stage.group, presets[(at + 1) % presets.length]);
  };
  return done({ w: nextPreset, l: wishes.link, c: wishes.play, n: () => wishes.neighbour(1), p: () => wishes.neighbour(-1), "?": wishes.help }, key);
}

function done(doings: Record<string, () => void>, key: string): boolean {
  const doing = doings[key] ?? doings[key.toLowerCase()];
  doing?.();
  return doing !== undefined;
}

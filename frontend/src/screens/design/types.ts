/** What the designer and the server exchange. */
import type { Option } from "../../form";
import type { Say } from "../../shell/language";

export interface Block {
  id: string;
  kind: string;
  options: Record<string, unknown>;
  x: number;
  y: number;
  name?: string;
}

export interface Link {
  source: string;
  target: string;
  port?: number;
}

export interface Design {
  format: 1;
  name: string;
  blocks: Block[];
  links: Link[];
}

export interface Kind {
  name: string;
  label: Say;
  group: string;
  inputs: [number, number];
  ports: Say[];
  about: string;
  defaults: Record<string, unknown>;
  options: Option[];
}

export interface Palette {
  groups: { name: string; label: Say }[];
  kinds: Kind[];
}

export interface Facts {
  title: Say;
  told: string;
  shape: number[] | null;
  parameters: number | null;
  multiply_adds: number | null;
}

export type Edit = Record<string, unknown>;

export interface Problem {
  kind: string;
  block: string;
  severity: "error" | "warning" | "note";
  text: Say;
  fix: { label: Say; edits: Edit[] } | null;
}

export interface Analysis {
  blocks: Record<string, Facts>;
  order: string[];
  parameters: number;
  multiply_adds: number;
  estimated: boolean;
  memory_bytes: number;
  batch: number;
  ready: boolean;
  problems: Problem[];
}

export interface Preset {
  name: string;
  label: Say;
  told: Say;
  channels: number;
  size_px: number;
  count: number;
}

export const EMPTY: Design = { format: 1, name: "", blocks: [], links: [] };
export const STEP = 86; // distance of two blocks of a column, as the server lays them out
export const WIDTH = 184; // of a block

export const linkId = (link: Link) => `${link.source}>${link.target}:${link.port ?? 0}`;
export const shapeText = (shape: number[] | null | undefined) => (shape ? shape.join(" × ") : "");

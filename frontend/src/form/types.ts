/** The catalog as the server sends it (`GET /api/catalog`): what is registered, with everything a form needs. */
import type { Say } from "../shell/language";

export type Kind = "int" | "float" | "bool" | "text" | "choice";

export interface Limits {
  gt?: number;
  ge?: number;
  lt?: number;
  le?: number;
}

export interface Option {
  name: string;
  label: Say;
  unit: string;
  type: Kind;
  many: boolean;
  length: number | null;
  nullable: boolean;
  required: boolean;
  default: unknown;
  limits: Limits;
  choices: string[];
  prefixes: string[];
  must: Say;
}

export interface OneInput {
  name: string;
  label: Say;
  kind: string;
  image: boolean;
  many: boolean;
  required: boolean;
}

export interface Entry {
  kind: "operation" | "method";
  room: string;
  name: string;
  label: Say;
  summary: string;
  details: string;
  booklet: string[];
  group: { id: string; label: Say; rank: number; place: number };
  version: number;
  seeded: boolean;
  makes: "image" | "images" | "result" | "model";
  options: Option[];
  inputs: OneInput[];
}

export interface Catalog {
  entries: Entry[];
  rooms: { name: string; label: Say }[];
  raw: Option[];
  storing: Option[];
}

/** Options by name; one that is not here has its default. What cannot be read as a value yet stays as the text that was typed. */
export type Values = Record<string, unknown>;

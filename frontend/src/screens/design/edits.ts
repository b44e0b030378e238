/** Changes of a design made by hand; cures of problems are made by the server, which knows more. */
import { STEP, type Block, type Design, type Kind, type Link } from "./types";

const freeId = (design: Design, kind: string): string => {
  const taken = new Set(design.blocks.map((block) => block.id));
  let number = 1;
  while (taken.has(`${kind}-${number}`)) number += 1;
  return `${kind}-${number}`;
};

export function withOptions(design: Design, id: string, options: Record<string, unknown>): Design {
  return { ...design, blocks: design.blocks.map((block) => (block.id === id ? { ...block, options } : block)) };
}

export function withName(design: Design, id: string, name: string): Design {
  return { ...design, blocks: design.blocks.map((block) => (block.id === id ? { ...block, name: name.slice(0, 60) || undefined } : block)) };
}

export function moved(design: Design, places: Map<string, { x: number; y: number }>): Design {
  return { ...design, blocks: design.blocks.map((block) => ({ ...block, ...places.get(block.id) })) };
}

export function without(design: Design, ids: Set<string>, links: Set<Link>): Design {
  const blocks = design.blocks.filter((block) => !ids.has(block.id));
  return { ...design, blocks, links: design.links.filter((link) => !links.has(link) && !ids.has(link.source) && !ids.has(link.target)) };
}

/** A link; an input that takes one link only loses the one it had. */
export function linked(design: Design, link: Link, kind: Kind | undefined): Design {
  const same = (other: Link) => other.target === link.target && (kind?.ports.length ? (other.port ?? 0) === (link.port ?? 0) : true);
  const single = kind && (kind.inputs[1] <= 1 || kind.ports.length > 0);
  const kept = single ? design.links.filter((other) => !same(other)) : design.links.filter((other) => !(same(other) && other.source === link.source));
  return { ...design, links: [...kept, link] };
}

/** A new block where it was dropped. */
export function added(design: Design, kind: Kind, x: number, y: number): { design: Design; id: string } {
  const id = freeId(design, kind.name);
  const block: Block = { id, kind: kind.name, options: { ...kind.defaults }, x, y };
  return { design: { ...design, blocks: [...design.blocks, block] }, id };
}

/** A new block behind another one; what came after it makes room. */
export function addedAfter(design: Design, kind: Kind, after: Block | undefined): { design: Design; id: string } {
  const lowest = design.blocks.reduce((y, block) => Math.max(y, block.y), -STEP);
  if (!after) return added(design, kind, design.blocks[0]?.x ?? 0, lowest + STEP);
  const out = design.links.filter((link) => link.source === after.id);
  const through = out.length === 1 && kind.inputs[0] === 1 && kind.name !== "output" ? out[0] : undefined;
  const beside = out.length > 0 && !through;
  const place = { x: after.x + (beside ? 224 : 0), y: after.y + STEP };
  const room = beside ? design : { ...design, blocks: design.blocks.map((block) => (Math.abs(block.x - after.x) < 100 && block.y > after.y + 1 ? { ...block, y: block.y + STEP } : block)) };
  const next = added(room, kind, place.x, place.y);
  return { ...next, design: through ? inserted(next.design, next.id, through) : kind.inputs[1] > 0 && after.kind !== "output" ? { ...next.design, links: [...next.design.links, { source: after.id, target: next.id }] } : next.design };
}

/** A block put on a link. */
export function inserted(design: Design, id: string, link: Link): Design {
  const links = design.links.map((other) => (other === link ? { ...link, source: id } : other));
  return { ...design, links: [...links, { source: link.source, target: id }] };
}

/** What was copied, placed a little lower, with the links among the copies. */
export function pasted(design: Design, copied: Design): { design: Design; ids: string[] } {
  let next = design;
  const names = new Map<string, string>();
  for (const block of copied.blocks) {
    const id = freeId(next, block.kind);
    names.set(block.id, id);
    next = { ...next, blocks: [...next.blocks, { ...block, id, x: block.x + 32, y: block.y + 32 }] };
  }
  const links = copied.links.map((link) => ({ ...link, source: names.get(link.source) ?? "", target: names.get(link.target) ?? "" }));
  return { design: { ...next, links: [...next.links, ...links] }, ids: [...names.values()] };
}

export function part(design: Design, ids: Set<string>): Design {
  return { ...design, blocks: design.blocks.filter((block) => ids.has(block.id)), links: design.links.filter((link) => ids.has(link.source) && ids.has(link.target)) };
}

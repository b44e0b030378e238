/** The texts of lessons: a small part of Markdown, made into elements one by one. HTML in it is text and stays text. */
import { Fragment, type ReactNode } from "react";

import { Go } from "../../shell/route";

type Block = { kind: "heading"; level: number; text: string } | { kind: "list"; ordered: boolean; items: string[] } | { kind: "quote" | "code" | "text"; text: string } | { kind: "rule" };

const PICTURE = /^[^/\\:.][^/\\:]*\.(png|jpe?g|gif|webp)$/i;
const INLINE = /(`[^`]+`)|\*\*([^*]+)\*\*|\*([^*]+)\*|(!?)\[([^\]]*)\]\(([^)\s]+)\)/g;

export function Markdown({ text, pictures }: { text: string; pictures: string }) {
  return (
    <div className="lesson-text">
      {blocks(text).map((block, i) => (
        <Fragment key={i}>{shown(block, pictures)}</Fragment>
      ))}
    </div>
  );
}

function shown(block: Block, pictures: string): ReactNode {
  switch (block.kind) {
    case "heading":
      return block.level <= 1 ? <h3>{inline(block.text, pictures)}</h3> : <h4>{inline(block.text, pictures)}</h4>;
    case "list": {
      const items = block.items.map((item, i) => <li key={i}>{inline(item, pictures)}</li>);
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "quote":
      return <blockquote>{inline(block.text, pictures)}</blockquote>;
    case "code":
      return <pre>{block.text}</pre>;
    case "rule":
      return <hr />;
    default:
      return <p>{inline(block.text, pictures)}</p>;
  }
}

/** Blocks are parted by empty lines; a list, a quotation or a heading needs none. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const last = found.at(-1);
    const heading = /^(#{1,4})\s+(.*)$/.exec(line);
    const item = /^\s{0,3}(?:([-*])|\d+[.)])\s+(.*)$/.exec(line);
    const before = lines[i - 1] ?? "";
    if (line.startsWith("```")) {
      const end = lines.findIndex((one, j) => j > i && one.startsWith("```"));
      const until = end < 0 ? lines.length : end;
      found.push({ kind: "code", text: lines.slice(i + 1, until).join("\n") });
      i = until;
    } else if (heading) found.push({ kind: "heading", level: heading[1]!.length, text: heading[2]! });
    else if (/^-{3,}\s*$/.test(line)) found.push({ kind: "rule" });
    else if (item) {
      const ordered = !item[1];
      if (last?.kind === "list" && last.ordered === ordered && before.trim()) last.items.push(item[2]!);
      else found.push({ kind: "list", ordered, items: [item[2]!] });
    } else if (line.startsWith(">")) {
      const quoted = line.replace(/^>\s?/, "");
      if (last?.kind === "quote" && before.startsWith(">")) last.text += ` ${quoted}`;
      else found.push({ kind: "quote", text: quoted });
    } else if (line.trim()) {
      if (before.trim() && last?.kind === "list") last.items[last.items.length - 1] += ` ${line.trim()}`;
      else if (before.trim() && last && (last.kind === "text" || last.kind === "quote")) last.text += ` ${line.trim()}`;
      else found.push({ kind: "text", text: line.trim() });
    }
  }
  return found;
}

/** Bold, slanted, code, pictures of the lesson, links inside the workbench; an address outside is shown as text. */
function inline(text: string, pictures: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, slanted, picture, label, target] = match;
    parts.push(text.slice(done, match.index));
    done = match.index + whole.length;
    const key = parts.length;
    if (code) parts.push(<code key={key}>{code.slice(1, -1)}</code>);
    else if (bold) parts.push(<strong key={key}>{bold}</strong>);
    else if (slanted) parts.push(<em key={key}>{slanted}</em>);
    else if (picture && PICTURE.test(target!)) parts.push(<img key={key} src={`${pictures}/${encodeURIComponent(target!)}`} alt={label} />);
    else if (!picture && /^\/(?![/\\])/.test(target!)) parts.push(<Go key={key} to={target!}>{label}</Go>);
    else parts.push(picture ? label : `${label} (${target})`);
  }
  parts.push(text.slice(done));
  return parts;
}

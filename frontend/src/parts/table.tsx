/** A table of results: sorted by a click on a heading, copied into a spreadsheet, saved as CSV or Excel. */
import { useMemo, useState, type ReactNode } from "react";

import { raw } from "../shell/api";
import { useLanguage, useSay, useText, type Say } from "../shell/language";
import { Fault } from "./fault";
import { Icon } from "./icons";
import { keep, posted } from "./keeping";
import "./table.css";

/** A number with decimals comes as [number, how the report prints it]. */
export type Cell = string | number | boolean | null | [number | null, string] | Say;

export interface PlainTable {
  title: Say | string;
  headings: (Say | string)[];
  rows: Cell[][];
  notes?: Say[];
  start?: number;
  total?: number;
  /** The classes, where each row is an image with its truth and what was said of it. */
  classes?: string[] | null;
}

export interface Order {
  by: number | null;
  falling: boolean;
}

interface Given {
  table: PlainTable;
  /** Address of the whole table as a file, such as "/api/exports/RUN/table?section=results"; without it the rows here are the whole. */
  source?: string;
  /** Who sorts, where the rows here are only a part of all. */
  order?: Order;
  onSort?: (order: Order) => void;
  onRow?: (row: Cell[], place: number) => void;
  chosen?: (row: Cell[]) => boolean;
  /** More buttons, and what stands below the rows. */
  tools?: ReactNode;
  foot?: ReactNode;
}

export function ResultTable({ table, source, order, onSort, onRow, chosen, tools, foot }: Given) {
  const say = useSay();
  const t = useText("table");
  const [own, setOwn] = useState<Order>({ by: null, falling: false });
  const now = order ?? own;
  const rows = useMemo(() => (onSort ? table.rows : sorted(table.rows, own)), [table.rows, own, onSort]);
  const numeric = table.headings.map((_, i) => table.rows.some((row) => isNumber(row[i]!)) && table.rows.every((row) => isNumber(row[i]!) || row[i] === null));
  const press = (column: number) => (onSort ?? setOwn)({ by: column, falling: now.by === column && !now.falling });
  return (
    <div className="result-table">
      <div className="row between">
        <h3>{say(table.title)}</h3>
        <div className="row result-table-tools">
          {tools}
          <TableFiles table={{ ...table, rows }} source={source} />
        </div>
      </div>
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              {table.headings.map((heading, i) => (
                <th key={i} className={numeric[i] ? "number" : undefined} aria-sort={now.by === i ? (now.falling ? "descending" : "ascending") : undefined}>
                  <button className="result-table-heading" onClick={() => press(i)}>
                    {say(heading)}
                    <span aria-hidden="true">{now.by === i ? (now.falling ? " ▾" : " ▴") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i} className={onRow ? "result-table-open" : undefined} aria-selected={chosen?.(row) || undefined} onClick={onRow && (() => onRow(row, i))}>
                {row.map((cell, j) => (
                  <td key={j} className={numeric[j] ? "number" : undefined}>
                    {onRow && j === 0 ? <button className="result-table-link">{cellText(cell, say, t)}</button> : cellText(cell, say, t)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="soft result-table-none">{t("no_rows")}</p>}
      </div>
      {foot}
      {table.notes?.map((note, i) => (
        <p key={i} className="soft tiny">
          {say(note)}
        </p>
      ))}
    </div>
  );
}

/** Copy, CSV, Excel. */
export function TableFiles({ table, source }: { table: PlainTable; source?: string }) {
  const t = useText("table");
  const say = useSay();
  const { language } = useLanguage();
  const [copied, setCopied] = useState(false);
  const [error, fail] = useState<unknown>(null);
  const copy = async () => {
    try {
      const text = source ? new TextDecoder().decode((await raw(`${source}&kind=tsv&language=${language}`)).bytes) : tabbed(table, say);
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch (problem) {
      fail(problem);
    }
  };
  const save = (kind: "csv" | "xlsx") =>
    (source ? raw(`${source}&kind=${kind}&language=${language}`) : posted("/api/exports/table", { title: table.title, headings: table.headings, rows: table.rows, kind, language })).then(keep, fail);
  return (
    <>
      <button className="ghost small" onClick={() => void copy()} title={t("copy_about")}>
        <Icon name={copied ? "check" : "copy"} size={16} /> {copied ? t("copied") : t("copy")}
      </button>
      <button className="ghost small" onClick={() => void save("csv")}>
        <Icon name="download" size={16} /> {t("csv")}
      </button>
      <button className="ghost small" onClick={() => void save("xlsx")}>
        <Icon name="download" size={16} /> {t("excel")}
      </button>
      <Fault error={error} onClose={() => fail(null)} />
    </>
  );
}

export function isNumber(cell: Cell): boolean {
  return typeof cell === "number" || Array.isArray(cell);
}

export function cellText(cell: Cell, say: (text: Say) => string, t: (key: string) => string): string {
  if (cell === null) return "–";
  if (typeof cell === "boolean") return t(cell ? "yes" : "no");
  if (Array.isArray(cell)) return cell[1];
  return typeof cell === "object" ? say(cell) : String(cell);
}

function value(cell: Cell, say: (text: Say) => string): string | number {
  if (cell === null) return "";
  if (Array.isArray(cell)) return cell[0] ?? "";
  if (typeof cell === "boolean") return String(cell);
  return typeof cell === "object" ? say(cell) : cell;
}

function sorted(rows: Cell[][], { by, falling }: Order): Cell[][] {
  if (by === null) return rows;
  const key = (row: Cell[]) => value(row[by]!, (text) => text.en);
  const there = rows.filter((row) => key(row) !== "");
  there.sort((a, b) => compared(key(a), key(b)) * (falling ? -1 : 1));
  return [...there, ...rows.filter((row) => key(row) === "")];
}

function compared(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return typeof a === typeof b ? String(a).localeCompare(String(b), undefined, { numeric: true }) : typeof a === "number" ? -1 : 1;
}

/** Rows with tabs; a text that a spreadsheet would run as a formula is kept from it. */
function tabbed(table: PlainTable, say: (text: Say | string) => string): string {
  const line = (cells: (string | number)[]) => cells.map(safe).join("\t");
  return [line(table.headings.map((heading) => say(heading))), ...table.rows.map((row) => line(row.map((cell) => value(cell, say))))].join("\r\n") + "\r\n";
}

function safe(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const plain = cell.replace(/\s+/g, " ").trim();
  return /^[=+\-@]/.test(plain) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? `'${plain}` : plain;
}

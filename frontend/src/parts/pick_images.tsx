/** Choose one image, or several: from a data set by their pictures, or from a file on the spot. Gives addresses such as "set:1a2b3c4d:12" and "file:ID". */
import { useEffect, useRef, useState } from "react";

import { get, upload, useGet } from "../shell/api";
import { useFormat, useText } from "../shell/language";
import { Busy } from "./busy";
import { Dialog } from "./dialog";
import { Fault } from "./fault";
import { Icon } from "./icons";
import { Pages, thumbnailOf, Thumbnails } from "./thumbnails";
import "./pick_images.css";

interface SetEntry {
  id: string;
  name: string;
  rows: number;
  roles: Record<string, string>;
  simulated: boolean;
}

interface Row {
  row: number;
  address: string;
  cells: Record<string, string>;
}

interface RowPage {
  total: number;
  rows: Row[];
}

interface SetFacts {
  columns: { name: string; levels: [string, number][] }[];
}

const COUNT = 60;
const SHOWN = 6;

export function PickImages({ value, onChange, many = false, label }: { value: string[]; onChange: (addresses: string[]) => void; many?: boolean; label?: string }) {
  const t = useText("pick");
  const [open, setOpen] = useState(false);
  return (
    <div className="pick" role="group" aria-label={label ?? t("images")}>
      <div className="pick-chosen">
        {value.slice(0, SHOWN).map((address) => (
          <img key={address} src={thumbnailOf(address)} alt={t("image")} />
        ))}
        {value.length > SHOWN && <span className="pick-more">+{value.length - SHOWN}</span>}
      </div>
      <div className="row">
        <button onClick={() => setOpen(true)}>
          <Icon name="data" size={16} /> {value.length ? t("change") : many ? t("choose_many") : t("choose_one")}
        </button>
        {value.length > 0 && (
          <>
            {many && <span className="soft tiny">{t("n_images", { n: value.length })}</span>}
            <button className="ghost small" onClick={() => onChange([])}>
              {t("clear")}
            </button>
          </>
        )}
      </div>
      {open && <PickDialog value={value} many={many} onClose={() => setOpen(false)} onChange={onChange} />}
    </div>
  );
}

function PickDialog({ value, many, onClose, onChange }: { value: string[]; many: boolean; onClose: () => void; onChange: (addresses: string[]) => void }) {
  const t = useText("pick");
  const format = useFormat();
  const { data, error } = useGet<{ sets: SetEntry[] }>("/api/sets");
  const [id, setId] = useState<string | null>(() => value[0]?.match(/^set:([0-9a-f]{8}):/)?.[1] ?? null);
  const [marked, setMarked] = useState<string[]>(value);
  const chosen = data?.sets.find((one) => one.id === id) ?? data?.sets[0];
  const take = (addresses: string[]) => (onChange(addresses), onClose());
  const press = (address: string) => {
    if (!many) take([address]);
    else setMarked((old) => (old.includes(address) ? old.filter((one) => one !== address) : [...old, address]));
  };
  return (
    <Dialog
      title={many ? t("choose_many") : t("choose_one")}
      open
      onClose={onClose}
      wide
      actions={
        many && (
          <>
            <span className="soft grow">{t("n_chosen", { n: format.whole(marked.length) })}</span>
            <button className="ghost" onClick={() => setMarked([])} disabled={!marked.length}>
              {t("none")}
            </button>
            <button className="primary" onClick={() => take(marked)} disabled={!marked.length}>
              {t("take")}
            </button>
          </>
        )
      }
    >
      <Fault error={error} />
      <div className="row between">
        <label className="field inline">
          <span>{t("set")}</span>
          <select value={chosen?.id ?? ""} onChange={(event) => setId(event.target.value)} disabled={!data?.sets.length}>
            {!data?.sets.length && <option value="">{t("no_sets")}</option>}
            {data?.sets.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({format.whole(one.rows)})
              </option>
            ))}
          </select>
        </label>
        <FromFile many={many} onTaken={(addresses) => (many ? setMarked((old) => [...old, ...addresses]) : take(addresses.slice(0, 1)))} />
      </div>
      {!data && !error && <Busy />}
      {chosen && <RowsOf key={chosen.id} set={chosen} many={many} marked={marked} onPress={press} onMark={setMarked} />}
      {data?.sets.length === 0 && <p className="soft">{t("no_sets_more")}</p>}
    </Dialog>
  );
}

function RowsOf({ set, many, marked, onPress, onMark }: { set: SetEntry; many: boolean; marked: string[]; onPress: (address: string) => void; onMark: (change: (old: string[]) => string[]) => void }) {
  const t = useText("pick");
  const [start, setStart] = useState(0);
  const [level, setLevel] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const label = set.roles.label;
  const facts = useGet<SetFacts>(`/api/sets/${set.id}`);
  const levels = facts.data?.columns.find((column) => column.name === label)?.levels ?? [];
  const filter = label && level !== null ? `&column=${encodeURIComponent(label)}&value=${encodeURIComponent(level)}` : "";
  const { data, error, loading } = useGet<RowPage>(`/api/sets/${set.id}/rows?start=${start}&count=${COUNT}${filter}`);
  const last = useRef<RowPage>(undefined);
  useEffect(() => void (last.current = data ?? last.current), [data]);
  const page = data ?? last.current;
  const all = async () => {
    try {
      const found: string[] = [];
      for (let from = 0; from < (page?.total ?? 0); from += 500) {
        const part = await get<RowPage>(`/api/sets/${set.id}/rows?start=${from}&count=500${filter}`);
        found.push(...part.rows.map((row) => row.address));
      }
      onMark((old) => [...new Set([...old, ...found])]);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <>
      <Fault error={error ?? fault} />
      <div className="row between">
        <div className="row">
          {levels.length > 1 && (
            <label className="field inline">
              <span>{t("label")}</span>
              <select value={level ?? "*"} onChange={(event) => (setStart(0), setLevel(event.target.value === "*" ? null : event.target.value))}>
                <option value="*">{t("every")}</option>
                {levels.map(([name, count]) => (
                  <option key={name} value={name}>
                    {name} ({count})
                  </option>
                ))}
              </select>
            </label>
          )}
          {many && page && (
            <button className="small" onClick={all}>
              {t("all", { n: page.total })}
            </button>
          )}
          {set.simulated && <span className="tag">{t("simulated")}</span>}
        </div>
        {page && <Pages start={start} count={COUNT} total={page.total} onStart={setStart} />}
      </div>
      {loading && !page && <Busy />}
      {page && (
        <Thumbnails
          label={t("images")}
          size={100}
          chosen={new Set(marked)}
          onPress={onPress}
          images={page.rows.map((row) => ({ address: row.address, caption: label ? row.cells[label] : String(row.row + 1), more: label ? String(row.row + 1) : undefined }))}
        />
      )}
    </>
  );
}

function FromFile({ many, onTaken }: { many: boolean; onTaken: (addresses: string[]) => void }) {
  const t = useText("pick");
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const send = async (files: File[]) => {
    if (!files.length) return;
    setFault(null);
    setShare(0);
    try {
      const named = files.map((file) => ({ file, name: file.name }));
      const taken = await upload<{ files: { address: string }[] }>("/api/uploads/files", named, setShare);
      onTaken(taken.files.map((one) => one.address));
    } catch (error) {
      setFault(error);
    }
    setShare(null);
  };
  return (
    <div className="stack">
      <input ref={input} type="file" hidden multiple={many} onChange={(event) => (void send([...(event.target.files ?? [])]), (event.target.value = ""))} />
      <button onClick={() => input.current?.click()} disabled={share !== null}>
        <Icon name="upload" size={16} /> {t("from_file")}
      </button>
      {share !== null && <progress value={share} aria-label={t("from_file")} />}
      <Fault error={fault} />
    </div>
  );
}

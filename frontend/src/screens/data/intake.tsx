/** Files on their way in: what was recognised, what is to be decided, and the step that makes a data set of them. */
import { useEffect, useState } from "react";

import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { del, post } from "../../shell/api";
import { useFormat, useLanguage, useSay, useText } from "../../shell/language";
import { go } from "../../shell/route";
import { BurnedIn } from "./burned_in";
import { ColumnUses, withUse } from "./column_uses";
import { refusedOf, sentNames } from "./dropped";
import { useWork, WorkProgress } from "./job";
import { RawForm } from "./raw_form";
import { RowFaults } from "./row_faults";
import type { Cure, Looked, Use } from "./types";

interface Way {
  raw: Record<string, unknown> | null;
  table: number | null;
}

export function Intake({ token }: { token: string }) {
  const t = useText("data");
  const { language } = useLanguage();
  const [looked, setLooked] = useState<Looked | null>(null);
  const [way, setWay] = useState<Way>({ raw: null, table: null });
  const looking = useWork<Looked>(setLooked);
  const look = (next: Way) => {
    setWay(next);
    looking.begin(() => post(`/api/uploads/incoming/${token}/look`, { ...next, language }));
  };
  useEffect(() => look(way), [token]);
  const forget = () => void del(`/api/uploads/incoming/${token}`).then(
    () => go("/data"),
    () => go("/data"),
  );
  return (
    <div className="page data-intake">
      <div className="row between">
        <h2>{t("recognised")}</h2>
        <button className="ghost" onClick={forget}>
          {t("cancel_intake")}
        </button>
      </div>
      {refusedOf.get(token)?.map((refused, number) => <p key={number} className="note bad"><RefusedText refused={refused} /></p>)}
      <Fault error={looking.fault} />
      <WorkProgress work={looking} label={t("looking")} />
      {looked && (looked.kind === "raw" || way.raw) && <RawForm sizes={looked.raw_sizes} onRule={(raw) => look({ ...way, raw })} done={looked.images > 0} />}
      {looked && looked.kind === "nothing" && <p className="note warn">{t("nothing_found")}</p>}
      {looked && looked.images > 0 && <Decide key={`${way.table}`} token={token} looked={looked} way={way} onTable={(table) => look({ ...way, table })} />}
    </div>
  );
}

function RefusedText({ refused }: { refused: { ja: string; en: string; code: string } }) {
  const say = useSay();
  return (
    <>
      {say(refused)} <span className="soft tiny">{refused.code}</span>
    </>
  );
}

function Decide({ token, looked, way, onTable }: { token: string; looked: Looked; way: Way; onTable: (table: number) => void }) {
  const t = useText("data");
  const say = useSay();
  const { language } = useLanguage();
  const [name, setName] = useState(() => `${looked.layout ? say(looked.layout) : t(`kind_${looked.kind}`)} ${new Date().toLocaleDateString(language === "ja" ? "ja-JP" : "en-GB")}`);
  const [uses, setUses] = useState<Record<string, Use>>(() => Object.fromEntries(looked.columns.map((one) => [one.name, one.use])));
  const [onlyListed, setOnlyListed] = useState(true);
  const [inPlace, setInPlace] = useState(looked.in_place);
  const [spacing, setSpacing] = useState("");
  const [cures, setCures] = useState<Record<string, Cure>>({});
  const taking = useWork<string>((id) => go(`/data/${id}`, { replace: true }));
  const doubtful = looked.groups.filter((group) => group.doubt);
  const undecided = doubtful.filter((group) => !cures[group.key]).length;
  const take = () => {
    const choices = { name, columns: uses, only_listed: onlyListed, in_place: inPlace, cures, spacing_mm: spacing ? Number(spacing) : null, ...way, language };
    taking.begin(() => post(`/api/uploads/incoming/${token}/take`, choices));
  };
  return (
    <>
      <Recognised looked={looked} token={token} />
      {looked.tables.length > 0 && (
        <section className="card stack">
          <h3>{t("table")}</h3>
          <div className="row">
            <label className="field inline">
              <span>{t("which_table")}</span>
              <select value={looked.table ? (way.table ?? looked.tables.reduce((a, b) => (b.matched > a.matched ? b : a)).index) : -1} onChange={(event) => onTable(Number(event.target.value))}>
                {looked.tables.map((one) => (
                  <option key={one.index} value={one.index}>
                    {sentNames.get(token)?.[one.number - 1]?.split("/").pop() ?? t("table_n", { n: one.index + 1 })} ({t("n_rows", { n: one.rows })}, {t("n_matched", { n: one.matched })})
                  </option>
                ))}
                <option value={-1}>{t("no_table")}</option>
              </select>
            </label>
            {looked.table && looked.table.unlisted > 0 && (
              <label className="row">
                <input type="checkbox" checked={onlyListed} onChange={(event) => setOnlyListed(event.target.checked)} /> {t("only_listed", { n: looked.table.unlisted })}
              </label>
            )}
          </div>
          {looked.table && <p>{t(looked.table.on === "file" ? "fits_by_file" : "fits_by_patient", { column: looked.table.column, n: looked.table.matched, all: looked.images })}</p>}
          {looked.table && <RowFaults fitted={looked.table} />}
        </section>
      )}
      {looked.columns.length > 0 && (
        <section className="card stack">
          <h3>{t("columns")}</h3>
          <p className="soft">{t("columns_more")}</p>
          <ColumnUses columns={looked.columns} uses={uses} onUse={(column, use) => setUses((old) => withUse(old, column, use))} />
          {!Object.values(uses).includes("patient") && looked.patients === null && <p className="note warn">{t("no_patients")}</p>}
        </section>
      )}
      {!inPlace && <BurnedIn token={token} groups={looked.groups} cures={cures} onCures={setCures} />}
      <section className="card stack data-take">
        <div className="row">
          <label className="field grow">
            <span>{t("set_name")}</span>
            <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
          </label>
          {(looked.kind === "pictures" || looked.kind === "arrays") && (
            <label className="field">
              <span>{t("spacing")}</span>
              <input type="number" min={0.001} max={100} step="any" placeholder={t("unknown")} value={spacing} onChange={(event) => setSpacing(event.target.value)} />
            </label>
          )}
        </div>
        {looked.in_place && (
          <label className="row">
            <input type="checkbox" checked={inPlace} onChange={(event) => setInPlace(event.target.checked)} /> {t("in_place")}
          </label>
        )}
        <p className="soft tiny">{t(inPlace ? "in_place_more" : looked.kind === "dicom" ? "dicom_more" : "copies_more")}</p>
        {undecided > 0 && !inPlace && <p className="note warn">{t("undecided", { n: undecided })}</p>}
        <Fault error={taking.fault} />
        <WorkProgress work={taking} label={t("taking")} />
        <div className="row end">
          <button className="primary" disabled={taking.busy || !name.trim() || (undecided > 0 && !inPlace)} onClick={take}>
            <Icon name="check" size={18} /> {t("take")}
          </button>
        </div>
      </section>
    </>
  );
}

function Recognised({ looked, token }: { looked: Looked; token: string }) {
  const t = useText("data");
  const say = useSay();
  const format = useFormat();
  const step = Math.max(1, Math.floor(looked.images / 8));
  const shown = Array.from({ length: Math.min(8, looked.images) }, (_, n) => n * step);
  const names = sentNames.get(token);
  return (
    <section className="card stack">
      <div className="row">
        <strong className="data-kind">{looked.layout ? say(looked.layout) : t(`kind_${looked.kind}`)}</strong>
        <span>{t("n_images", { n: format.whole(looked.images) })}</span>
        {looked.patients !== null && <span>{t("n_patients", { n: format.whole(looked.patients) })}</span>}
        {looked.masks && <span className="tag on">{t("with_masks")}</span>}
        {looked.boxes && <span className="tag on">{t("with_boxes")}</span>}
      </div>
      <dl className="data-facts">
        <dt>{t("sizes")}</dt>
        <dd>{looked.sizes.map(([size, count]) => (looked.sizes.length > 1 ? `${size} (${count})` : size)).join(", ")}</dd>
        <dt>{t("depth")}</dt>
        <dd>{looked.depths.map(([depth, count]) => (looked.depths.length > 1 ? `${depth} (${count})` : depth)).join(", ")}</dd>
        {looked.facts.map((fact) => (
          <FactLine key={fact.name.en} name={say(fact.name)} value={fact.value} />
        ))}
      </dl>
      <div className="data-strip">
        {shown.map((row) => (
          <img key={row} src={`/api/uploads/incoming/${token}/picture?row=${row}&px=160`} alt={String(row + 1)} loading="lazy" onError={(event) => (event.currentTarget.style.visibility = "hidden")} />
        ))}
      </div>
      {looked.said.map((text, number) => (
        <p key={number} className="note">
          {say(text)}
        </p>
      ))}
      {looked.faults.length > 0 && (
        <details open>
          <summary>{t("n_faults", { n: looked.faults.length })}</summary>
          <ul className="data-faults">
            {looked.faults.slice(0, 50).map((fault, number) => (
              <li key={number}>
                <strong>{names?.[fault.number - 1] ?? (fault.number ? t("file_n", { n: fault.number }) : t("a_file"))}</strong> {say(fault)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function FactLine({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

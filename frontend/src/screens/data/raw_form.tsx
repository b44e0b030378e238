/** Size and kind of numbers of files without a header. */
import { useState } from "react";

import { useFormat, useText } from "../../shell/language";

const USUAL = [256, 512, 1024, 2048].map((side): [number, number] => [side, side]).concat([[2140, 1760], [1760, 2140], [2010, 1670], [4280, 3520]]);
const BYTES: Record<string, number> = { uint8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, float32: 4, float64: 8 };

/** A usual size that the bytes of a file fit, else a square. */
function guess(bytes: number): { rows: number; columns: number; dtype: string } | null {
  for (const dtype of ["uint16", "uint8", "float32"]) {
    const count = bytes / BYTES[dtype]!;
    const found = USUAL.find(([rows, columns]) => rows * columns === count);
    if (found) return { rows: found[0], columns: found[1], dtype };
    if (Number.isInteger(Math.sqrt(count))) return { rows: Math.sqrt(count), columns: Math.sqrt(count), dtype };
  }
  return null;
}

export function RawForm({ sizes, onRule, done }: { sizes: { bytes: number; files: number }[]; onRule: (rule: Record<string, unknown>) => void; done: boolean }) {
  const t = useText("data");
  const format = useFormat();
  const [form, setForm] = useState(() => ({ ...(guess(sizes[0]?.bytes ?? 0) ?? { rows: 2048, columns: 2048, dtype: "uint16" }), big_endian: false, bits: 0, invert: false, header_bytes: 0, spacing_mm: 0 }));
  const set = (change: Partial<typeof form>) => setForm((old) => ({ ...old, ...change }));
  const wanted = form.rows * form.columns * (BYTES[form.dtype] ?? 1) + form.header_bytes;
  const fits = sizes.find((one) => one.bytes === wanted);
  const submit = () => onRule({ rows: form.rows, columns: form.columns, dtype: form.dtype, big_endian: form.big_endian, invert: form.invert, header_bytes: form.header_bytes, ...(form.bits ? { bits: form.bits } : {}), ...(form.spacing_mm ? { spacing_mm: form.spacing_mm } : {}) });
  const whole = (name: "rows" | "columns" | "bits" | "header_bytes", least: number) => (
    <label className="field">
      <span>{t(`raw_${name}`)}</span>
      <input type="number" min={least} value={form[name] || (least ? "" : 0)} onChange={(event) => set({ [name]: Number(event.target.value) })} />
    </label>
  );
  return (
    <section className="card stack">
      <h3>{t("raw")}</h3>
      <p className="soft">
        {t("raw_more")} {sizes.map((one) => `${format.whole(one.bytes)} B × ${one.files}`).join(", ")}
      </p>
      <div className="row">
        {whole("rows", 1)}
        {whole("columns", 1)}
        <label className="field">
          <span>{t("raw_dtype")}</span>
          <select value={form.dtype} onChange={(event) => set({ dtype: event.target.value })}>
            {Object.keys(BYTES).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {whole("bits", 0)}
        {whole("header_bytes", 0)}
        <label className="field">
          <span>{t("spacing")}</span>
          <input type="number" min={0} step="any" value={form.spacing_mm || ""} onChange={(event) => set({ spacing_mm: Number(event.target.value) })} />
        </label>
        <label className="row">
          <input type="checkbox" checked={form.big_endian} onChange={(event) => set({ big_endian: event.target.checked })} /> {t("raw_big_endian")}
        </label>
        <label className="row">
          <input type="checkbox" checked={form.invert} onChange={(event) => set({ invert: event.target.checked })} /> {t("raw_invert")}
        </label>
        <button className={done ? "" : "primary"} disabled={!form.rows || !form.columns} onClick={submit}>
          {t("raw_open")}
        </button>
      </div>
      {sizes.length > 0 && !fits && <p className="note warn">{t("raw_not_fitting", { wanted: format.whole(wanted) })}</p>}
    </section>
  );
}

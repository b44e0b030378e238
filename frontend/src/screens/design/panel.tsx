/** The chosen block: its name, its options, what comes in and what it costs. */
import { OptionForm, type Values } from "../../form";
import { Icon } from "../../parts/icons";
import { useFormat, useSay, useText } from "../../shell/language";
import { linked, withName, withOptions, without } from "./edits";
import { shapeText, type Analysis, type Block, type Design, type Kind } from "./types";

interface PanelProps {
  design: Design;
  block: Block;
  kind: Kind | undefined;
  analysis: Analysis | null;
  change: (next: Design, about?: string) => void;
  choose: (id: string) => void;
}

export function Panel({ design, block, kind, analysis, change, choose, close }: PanelProps & { close: () => void }) {
  const t = useText("design");
  const say = useSay();
  const format = useFormat();
  const facts = analysis?.blocks[block.id];
  const wrong = analysis?.problems.filter((problem) => problem.block === block.id) ?? [];
  const title = say(facts?.title ?? kind?.label);
  if (!kind) return <p className="note bad">{wrong.map((problem) => say(problem.text)).join(" ")}</p>;
  const defaults = kind.defaults;
  const values: Values = Object.fromEntries(Object.entries(block.options).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name])));
  const set = (next: Values, about: { name: string }) => change(withOptions(design, block.id, { ...defaults, ...next }), `${block.id}/${about.name}`);
  return (
    <div className="design-panel-body">
      <header className={`design-panel-head design-${kind.group}`}>
        <div className="row between">
          <h2>{title}</h2>
          <button className="ghost icon small" aria-label={t("close")} title={t("close")} onClick={close}>
            <Icon name="close" size={17} />
          </button>
        </div>
        <span className="soft tiny">{say(kind.label)}</span>
      </header>
      {wrong.map((problem, number) => (
        <p key={number} className={`note ${problem.severity === "error" ? "bad" : problem.severity === "warning" ? "warn" : ""}`}>
          {say(problem.text)}
        </p>
      ))}
      {kind.options.length > 0 ? <OptionForm key={block.id} options={kind.options} values={values} onChange={set} /> : <p className="soft">{t("no_options")}</p>}
      <dl className="design-facts">
        <dt>{t("shape_out")}</dt>
        <dd>{shapeText(facts?.shape) || "–"}</dd>
        <dt>{t("parameters")}</dt>
        <dd>{facts?.parameters === null || facts === undefined ? "–" : format.whole(facts.parameters)}</dd>
        <dt>{t("multiply_adds")}</dt>
        <dd>{facts?.multiply_adds === null || facts === undefined ? "–" : format.whole(facts.multiply_adds)}</dd>
      </dl>
      <Inputs {...{ design, block, kind, analysis, change, choose }} />
      <details className="design-about">
        <summary>{t("about_block")}</summary>
        <p lang="en">{kind.about}</p>
      </details>
      <label className="field">
        <span>{t("own_name")}</span>
        <input value={block.name ?? ""} maxLength={60} placeholder={title} onChange={(event) => change(withName(design, block.id, event.target.value), `${block.id}/name`)} />
      </label>
    </div>
  );
}

/** The links that arrive, so that they can be made without a mouse. */
function Inputs({ design, block, kind, analysis, change, choose }: PanelProps & { kind: Kind }) {
  const t = useText("design");
  const say = useSay();
  if (kind.inputs[1] === 0) return null;
  const links = design.links.filter((link) => link.target === block.id);
  const nameOf = (id: string) => say(analysis?.blocks[id]?.title) || id;
  const open = design.blocks.filter((other) => other.id !== block.id && other.kind !== "output" && !links.some((link) => link.source === other.id));
  const free = kind.ports.length ? kind.ports.findIndex((_, port) => !links.some((link) => (link.port ?? 0) === port)) : 0;
  return (
    <fieldset className="design-inputs">
      <legend>{t("inputs")}</legend>
      {links.map((link) => (
        <div key={`${link.source}:${link.port ?? 0}`} className="row between">
          <button className="ghost small" onClick={() => choose(link.source)}>
            {kind.ports[link.port ?? 0] ? `${say(kind.ports[link.port ?? 0])}: ` : ""}
            {nameOf(link.source)}
          </button>
          <button className="ghost icon small" aria-label={t("unlink", { name: nameOf(link.source) })} title={t("unlink", { name: nameOf(link.source) })} onClick={() => change(without(design, new Set(), new Set([link])))}>
            <Icon name="close" size={15} />
          </button>
        </div>
      ))}
      {links.length < kind.inputs[1] && (
        <select aria-label={t("link_from")} value="" onChange={(event) => event.target.value && change(linked(design, { source: event.target.value, target: block.id, ...(free > 0 ? { port: free } : {}) }, kind))}>
          <option value="">{t("link_from")}</option>
          {open.map((other) => (
            <option key={other.id} value={other.id}>
              {nameOf(other.id)}
            </option>
          ))}
        </select>
      )}
    </fieldset>
  );
}

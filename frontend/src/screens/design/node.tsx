/** A block on the canvas: what it is, its options in short, the shape that leaves it, and a mark where something is wrong. */
import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";

import { Icon } from "../../parts/icons";
import { useSay, useText, type Say } from "../../shell/language";
import type { Kind } from "./types";

export type BlockNode = Node<{ title: Say; told: string; shape: number[] | null; kind: Kind | undefined; severity: string; waits: boolean }, "block">;

function BlockView({ data, selected }: NodeProps<BlockNode>) {
  const say = useSay();
  const t = useText("design");
  const { kind, title, told, shape, severity } = data;
  const ports = kind?.ports.length ? kind.ports : null;
  const takes = !kind || kind.inputs[1] > 0;
  const gives = kind?.name !== "output";
  return (
    <div className={`design-node design-${kind?.group ?? "ends"} ${severity ? `design-${severity}` : ""} ${selected ? "design-chosen" : ""} ${data.waits ? "design-waits" : ""}`}>
      {takes && ports && ports.map((port, number) => <Handle key={number} type="target" position={Position.Top} id={`t${number}`} title={say(port)} style={{ left: `${((number + 1) * 100) / (ports.length + 1)}%` }} />)}
      {takes && !ports && <Handle type="target" position={Position.Top} id="t" />}
      {takes && !ports && <Handle type="target" position={Position.Left} id="l" />}
      {takes && !ports && <Handle type="target" position={Position.Bottom} id="d" className="design-unseen" isConnectable={false} />}
      <div className="design-node-head">
        <span className="design-node-title">{say(title)}</span>
        {severity && severity !== "note" && (
          <span className="design-node-mark" title={t(severity)}>
            <Icon name="warning" size={15} />
          </span>
        )}
      </div>
      <div className="design-node-foot">
        <span>{told}</span>
        <span className="design-node-shape">{shape?.join("×") ?? "–"}</span>
      </div>
      {gives && <Handle type="source" position={Position.Bottom} id="b" />}
      {gives && <Handle type="source" position={Position.Right} id="r" />}
      {gives && <Handle type="source" position={Position.Top} id="u" className="design-unseen" isConnectable={false} />}
    </div>
  );
}

export const BlockNodeView = memo(BlockView);

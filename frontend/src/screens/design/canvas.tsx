/** The canvas: blocks and links of the design, drawn by React Flow. */
import "@xyflow/react/dist/style.css";

import { applyNodeChanges, Background, Controls, MarkerType, MiniMap, ReactFlow, useReactFlow, useStore, type Connection, type Edge, type EdgeChange, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState, type Dispatch, type DragEvent, type SetStateAction } from "react";

import { useSay, useText } from "../../shell/language";
import { added, inserted, linked, moved, without } from "./edits";
import { BlockNodeView, type BlockNode } from "./node";
import { linkId, shapeText, WIDTH, type Analysis, type Block, type Design, type Kind, type Link } from "./types";

const TYPES = { block: BlockNodeView };
const LABELS_FROM = 0.85; // zoom from which the shapes on the links can be read
const PANEL = 316; // px that the panel covers
export const DRAGGED = "application/x-gazo-block";

interface CanvasProps {
  design: Design;
  analysis: Analysis | null;
  kinds: Map<string, Kind>;
  chosen: Set<string>;
  choose: Dispatch<SetStateAction<Set<string>>>;
  change: (next: Design, about?: string) => void;
  /** A number that changes when the whole design shall be shown. */
  view: number;
}

export function Canvas({ design, analysis, kinds, chosen, choose, change, view }: CanvasProps) {
  const t = useText("design");
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const zoom = useStore((state) => state.transform[2]);
  const [links, chooseLinks] = useState<Set<string>>(new Set());
  const made = useMemo(() => design.blocks.map((block) => nodeOf(block, analysis, kinds.get(block.kind), chosen)), [design.blocks, analysis, kinds, chosen]);
  const [nodes, setNodes] = useState<BlockNode[]>(made);
  useEffect(() => setNodes((old) => made.map((node) => ({ ...node, measured: old.find((one) => one.id === node.id)?.measured }))), [made]);
  const edges = useEdges(design, analysis, kinds, links, zoom >= LABELS_FROM);
  useEffect(() => {
    const timer = setTimeout(() => void flow.fitView({ padding: 0.08, maxZoom: 1.1 }), 60);
    return () => clearTimeout(timer);
  }, [view, flow]);

  // the panel of a chosen block lies over the right edge: the block comes out from under it
  useEffect(() => {
    const block = chosen.size === 1 ? design.blocks.find((one) => chosen.has(one.id)) : undefined;
    const edge = frame.current?.getBoundingClientRect().right;
    if (!block || !edge) return;
    const over = flow.flowToScreenPosition({ x: block.x + WIDTH, y: block.y }).x - (edge - PANEL);
    const seen = flow.getViewport();
    if (over > 0) void flow.setViewport({ ...seen, x: seen.x - over }, { duration: 150 });
  }, [chosen]); // only when another block is chosen: not while it is moved

  const onNodesChange = useCallback(
    (changes: NodeChange<BlockNode>[]) => {
      setNodes((old) => applyNodeChanges(changes, old));
      const picked = changes.filter((one) => one.type === "select");
      if (picked.length) {
        choose((old) => {
          const next = new Set(old);
          for (const one of picked) one.selected ? next.add(one.id) : next.delete(one.id);
          return next;
        });
      }
      const placed = changes.filter((one) => one.type === "position" && one.position && !one.dragging);
      if (placed.length) change(moved(design, new Map(placed.map((one) => (one.type === "position" && one.position ? [one.id, one.position] : ["", { x: 0, y: 0 }])))), "move");
    },
    [design, change, choose],
  );
  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    chooseLinks((old) => {
      const next = new Set(old);
      for (const one of changes) if (one.type === "select") one.selected ? next.add(one.id) : next.delete(one.id);
      return next;
    });
  }, []);
  const connect = (made: Connection) => {
    const kind = kinds.get(design.blocks.find((block) => block.id === made.target)?.kind ?? "");
    const port = kind?.ports.length ? Number(made.targetHandle?.slice(1) ?? 0) : 0;
    change(linked(design, { source: made.source, target: made.target, ...(port ? { port } : {}) }, kind));
  };
  const drop = (event: DragEvent) => {
    const kind = kinds.get(event.dataTransfer.getData(DRAGGED));
    if (!kind) return;
    event.preventDefault();
    const place = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const next = added(design, kind, place.x - WIDTH / 2, place.y - 28);
    const under = (event.target as Element).closest(".react-flow__edge")?.getAttribute("data-id");
    const link = design.links.find((one) => linkId(one) === under);
    change(link && kind.inputs[0] >= 1 && kind.name !== "output" ? inserted(next.design, next.id, link) : next.design);
    choose(new Set([next.id]));
  };
  const remove = ({ nodes, edges }: { nodes: BlockNode[]; edges: Edge[] }) => {
    const gone = new Set(edges.map((edge) => edge.id));
    change(without(design, new Set(nodes.map((node) => node.id)), new Set(design.links.filter((link) => gone.has(linkId(link))))));
    choose(new Set());
    chooseLinks(new Set());
    return Promise.resolve(false);
  };
  return (
    <div className="design-canvas" ref={frame} onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()} onDrop={drop}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={connect}
        onBeforeDelete={remove}
        deleteKeyCode={["Delete", "Backspace"]}
        minZoom={0.15}
        maxZoom={2}
        snapToGrid
        selectNodesOnDrag={false}
        snapGrid={[4, 4]}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{ "controls.ariaLabel": t("zoom"), "controls.zoomIn.ariaLabel": t("zoom_in"), "controls.zoomOut.ariaLabel": t("zoom_out"), "controls.fitView.ariaLabel": t("fit") }}
      >
        <Background gap={24} size={1} />
        <Controls showInteractive={false} position="bottom-left" />
        {design.blocks.length > 30 && <MiniMap pannable position="bottom-right" />}
      </ReactFlow>
      {design.blocks.length === 0 && <p className="design-hint">{t("hint")}</p>}
    </div>
  );
}

function nodeOf(block: Block, analysis: Analysis | null, kind: Kind | undefined, chosen: Set<string>): BlockNode {
  const facts = analysis?.blocks[block.id];
  const wrong = analysis?.problems.find((problem) => problem.block === block.id);
  const title = facts?.title ?? kind?.label ?? { ja: block.kind, en: block.kind };
  const waits = Boolean(facts) && !facts?.shape && wrong?.severity !== "error";
  return {
    id: block.id,
    type: "block",
    position: { x: block.x, y: block.y },
    selected: chosen.has(block.id),
    ariaLabel: `${title.ja} ${shapeText(facts?.shape)}`,
    data: { title, told: facts?.told ?? "", shape: facts?.shape ?? null, kind, severity: wrong?.severity ?? "", waits },
  };
}

/** Links leave and arrive at the sides that face each other. */
function useEdges(design: Design, analysis: Analysis | null, kinds: Map<string, Kind>, chosen: Set<string>, labelled: boolean): Edge[] {
  const say = useSay();
  const t = useText("design");
  return useMemo(() => {
    const blocks = new Map(design.blocks.map((block) => [block.id, block]));
    return design.links.flatMap((link): Edge[] => {
      const [from, to] = [blocks.get(link.source), blocks.get(link.target)];
      if (!from || !to) return [];
      const shape = shapeText(analysis?.blocks[link.source]?.shape);
      const ports = kinds.get(to.kind)?.ports.length ?? 0;
      const sideways = to.x - from.x >= WIDTH && !ports;
      const upwards = !sideways && to.y < from.y - 20 && !ports;
      const far = to.x - from.x > 3 * WIDTH;
      return [
        {
          id: linkId(link),
          source: link.source,
          target: link.target,
          sourceHandle: sideways ? "r" : upwards ? "u" : "b",
          targetHandle: ports ? `t${link.port ?? 0}` : sideways ? "l" : upwards ? "d" : "t",
          type: "smoothstep",
          selected: chosen.has(linkId(link)),
          label: labelled && (far || !sideways) ? shape : undefined,
          ariaLabel: t("link_of", { from: say(analysis?.blocks[link.source]?.title) || link.source, to: say(analysis?.blocks[link.target]?.title) || link.target, shape }),
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
          interactionWidth: 24,
          className: wrongLink(link, analysis) ? "design-wrong" : "",
        },
      ];
    });
  }, [design, analysis, kinds, chosen, labelled, say, t]);
}

const wrongLink = (link: Link, analysis: Analysis | null) => analysis?.problems.some((problem) => problem.severity === "error" && problem.block === link.target && problem.kind !== "option") ?? false;

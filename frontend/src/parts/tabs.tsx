import { useRef, type KeyboardEvent } from "react";

/** A row of tabs; arrows move between them. */
export function Tabs<Name extends string>({ tabs, chosen, onChoose, label }: { tabs: { name: Name; text: string; count?: number }[]; chosen: Name; onChoose: (name: Name) => void; label: string }) {
  const row = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    const next = (tabs.findIndex((tab) => tab.name === chosen) + step + tabs.length) % tabs.length;
    onChoose(tabs[next]!.name);
    (row.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={row} onKeyDown={move}>
      {tabs.map((tab) => (
        <button key={tab.name} role="tab" aria-selected={tab.name === chosen} tabIndex={tab.name === chosen ? 0 : -1} onClick={() => onChoose(tab.name)}>
          {tab.text}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

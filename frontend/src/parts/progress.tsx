/** How far something is: a bar with its words; without a share it only moves. */
import type { ReactNode } from "react";

export function Progress({ share, label, children }: { share: number | null; label: string; children?: ReactNode }) {
  return (
    <div className="stack" style={{ gap: 4 }}>
      {children && (
        <div className="row between tiny soft" style={{ gap: 8 }}>
          {children}
        </div>
      )}
      <progress max={1} value={share ?? undefined} aria-label={label} />
    </div>
  );
}

/** Where the user is stands in the address: /screen/part/part?query. A reload shows the same. */
import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";

export interface Route {
  screen: string;
  parts: string[];
  query: URLSearchParams;
}

const listeners = new Set<() => void>();
let route = read();

function read(): Route {
  const [screen = "", ...parts] = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { screen: screen || "home", parts, query: new URLSearchParams(location.search) };
}

function tell(): void {
  route = read();
  listeners.forEach((listener) => listener());
}

window.addEventListener("popstate", tell);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => route);
}

/** Go to an address of the workbench; `replace` keeps the history short while something is dragged or typed. */
export function go(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
}

/** The present address with some of its query changed; null takes a value away. */
export function withQuery(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) value === null ? query.delete(name) : query.set(name, value);
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

/** A link inside the workbench. */
export function Go({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}

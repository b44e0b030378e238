/** Requests to the server on this machine, and nowhere else. */
import { useCallback, useEffect, useRef, useState } from "react";

import type { Say } from "./language";

/** What the server says when something cannot be done: a code and the sentence in both languages. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly text: Say,
    readonly status: number,
  ) {
    super(`${code}: ${text.en}`);
  }
}

const SILENT: Say = {
  ja: "gazo のサーバーから応答がありません。`gazo app` が動いているか確かめてください。実行中の学習は続いています。",
  en: "the gazo server does not answer. See whether `gazo app` still runs; training that was started goes on.",
};

async function answered(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new ApiError("G-WEB-000", SILENT, 0);
  }
  if (!response.ok) throw await asError(response);
  return response;
}

async function asError(response: Response): Promise<ApiError> {
  const said = await response.json().catch(() => null);
  const text = said && said.ja && said.en ? { ja: said.ja, en: said.en } : { ja: `サーバーの応答: ${response.status}`, en: `the server answered ${response.status}` };
  return new ApiError(said?.code ?? "G-WEB-000", text, response.status);
}

async function json<T>(path: string, method: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await answered(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

export const get = <T>(path: string, signal?: AbortSignal) => json<T>(path, "GET", undefined, signal);
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal) => json<T>(path, "POST", body, signal);
export const put = <T>(path: string, body: unknown) => json<T>(path, "PUT", body);
export const del = <T = void>(path: string) => json<T>(path, "DELETE");

/** Send bytes, such as a mask. */
export async function putBytes<T>(path: string, bytes: ArrayBuffer): Promise<T> {
  const response = await answered(path, { method: "PUT", body: bytes, headers: { "Content-Type": "application/octet-stream" } });
  return (await response.json()) as T;
}

/** Bytes with the headers they came with, such as pixels; with a body it is a POST. */
export async function raw(path: string, signal?: AbortSignal, body?: unknown): Promise<{ bytes: ArrayBuffer; headers: Headers }> {
  const sent = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await answered(path, { signal, ...sent });
  return { bytes: await response.arrayBuffer(), headers: response.headers };
}

/** Send files with their paths below what was dropped; `told` hears the share that was sent. */
export function upload<T>(path: string, files: { file: File; name: string }[], told?: (share: number) => void, fields: Record<string, string> = {}): Promise<T> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { file, name } of files) form.append("files", file, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.onprogress = (event) => event.lengthComputable && told?.(event.loaded / event.total);
    request.onload = async () => {
      const response = new Response(request.responseText || null, { status: request.status || 500 });
      if (request.status >= 200 && request.status < 300) resolve((await response.json()) as T);
      else reject(await asError(response));
    };
    request.onerror = () => reject(new ApiError("G-WEB-000", SILENT, 0));
    request.send(form);
  });
}

export interface Got<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  again: () => void;
}

/** What stands at a path; null asks for nothing. The last answer stays while the next one is on its way. */
export function useGet<T>(path: string | null): Got<T> {
  const [state, set] = useState<{ path: string | null; data?: T; error?: unknown; loading: boolean }>({ path, loading: path !== null });
  const [round, setRound] = useState(0);
  const shown = useRef<string | null>(path);
  useEffect(() => {
    if (path === null) {
      set({ path, loading: false });
      return undefined;
    }
    const stop = new AbortController();
    if (shown.current !== path) set({ path, loading: true });
    shown.current = path;
    get<T>(path, stop.signal)
      .then((data) => set({ path, data, loading: false }))
      .catch((error: unknown) => (error as Error).name === "AbortError" || set((old) => ({ ...old, path, error, loading: false })));
    return () => stop.abort();
  }, [path, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  const own = state.path === path;
  return { data: own ? state.data : undefined, error: own ? state.error : undefined, loading: own ? state.loading : path !== null, again };
}

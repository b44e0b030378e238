/** Files that come from the server and are saved by the browser. */
import { ApiError } from "../shell/api";

/** Save what the server sent under the name it gave. */
export function keep({ bytes, headers }: { bytes: ArrayBuffer; headers: Headers }): void {
  const name = /filename\*=UTF-8''([^;]+)/.exec(headers.get("content-disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: headers.get("content-type") ?? "application/octet-stream" }));
  link.download = name ? decodeURIComponent(name) : "gazo";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Bytes that answer something sent. */
export async function posted(path: string, body: unknown): Promise<{ bytes: ArrayBuffer; headers: Headers }> {
  const response = await fetch(path, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) {
    const said = await response.json();
    throw new ApiError(said.code, { ja: said.ja, en: said.en }, response.status);
  }
  return { bytes: await response.arrayBuffer(), headers: response.headers };
}

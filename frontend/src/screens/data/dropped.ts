/** Files that were dropped or chosen, with their paths below what was dropped, and their way to the server in parts. */
import { upload } from "../../shell/api";
import type { Say } from "../../shell/language";

export interface Named {
  file: File;
  name: string;
}

const PART_FILES = 200;
const PART_BYTES = 64 * 1024 ** 2;

/** Everything below what was dropped: single files, whole folders, a USB stick. */
export async function filesOf(transfer: DataTransfer): Promise<Named[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry): entry is FileSystemEntry => !!entry);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  const found: Named[] = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

async function walk(entry: FileSystemEntry, above: string, found: Named[]): Promise<void> {
  const name = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, name });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 at a time
    if (!some.length) return;
    for (const inner of some) await walk(inner, `${name}/`, found);
  }
}

export const chosenFiles = (list: FileList | null): Named[] => [...(list ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name }));

export type Refused = Say & { code: string };

/** Send the files in parts that the server takes one after the other; the archives it refused come back. */
export async function sendAll(token: string, files: Named[], told: (share: number) => void): Promise<Refused[]> {
  const total = files.reduce((sum, one) => sum + one.file.size, 0) || 1;
  const faults: Refused[] = [];
  let sent = 0;
  for (const part of inParts(files)) {
    const bytes = part.reduce((sum, one) => sum + one.file.size, 0);
    const got = await upload<{ faults: Refused[] }>(`/api/uploads/incoming/${token}/files`, part, (share) => told((sent + share * bytes) / total));
    faults.push(...got.faults);
    sent += bytes;
    told(sent / total);
  }
  return faults;
}

function inParts(files: Named[]): Named[][] {
  const parts: Named[][] = [];
  let bytes = Infinity;
  for (const one of files) {
    const last = parts[parts.length - 1];
    if (!last || last.length >= PART_FILES || bytes + one.file.size > PART_BYTES) {
      parts.push([one]);
      bytes = one.file.size;
    } else {
      last.push(one);
      bytes += one.file.size;
    }
  }
  return parts;
}

/** Names of what was sent, by token; they stay in this page's memory, so that faults can be told by name without the server ever saying one. */
export const sentNames = new Map<string, string[]>();
/** Archives of a token that were refused. */
export const refusedOf = new Map<string, Refused[]>();

/** Tells when the text of a file changes. Editors and Kubernetes replace files, so the directory is watched. */
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";

/** How long the directory must be quiet, ms: a file may be written in several steps. */
const quietMs = 200;

/**
 * @param onChange called after the text of the file has changed
 * @returns stops watching
 */
export function watchFile(path: string, onChange: () => void): () => void {
  let known = readText(path);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watcher: FSWatcher | undefined;
  const look = (): void => {
    const text = readText(path);
    if (text === known) return;
    known = text;
    onChange();
  };
  try {
    watcher = watch(dirname(path), { persistent: false }, () => {
      clearTimeout(timer);
      timer = setTimeout(look, quietMs);
    });
    watcher.on("error", () => watcher?.close());
  } catch {
    // Some systems have no more watches to give. SIGHUP still works.
  }
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Puts a text in the place of a file, whole or not at all.
 * @param mode of the new file; by default, only its owner can read it
 * @throws Error of the file system; nothing is left behind then
 */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    chmodSync(fresh, mode);
    renameSync(fresh, path);
  } catch (error) {
    removeIfThere(fresh);
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never written.
  }
}

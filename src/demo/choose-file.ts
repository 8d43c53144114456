/**
 * Chooses a file of the project to show: one that is there, so that nobody's first run of the demo shows an error. The
 * demo and its client usually work on the same machine; elsewhere, a tool of the client looks.
 */
import { readdirSync } from "node:fs";

/** What a project may begin with, in the order in which they are read. */
export const projectFiles = ["README.md", "package.json", "pyproject.toml"] as const;

const textFile = /^[^.].*\.(?:md|txt|rst|[cm]?[jt]sx?|py|rb|go|rs|java|kt|c|h|cpp|cs|php|sh|html|css)$/i;

/** The best of some paths: of the nearest ones, by name. */
export function chooseFile(paths: readonly string[]): string | undefined {
  const depth = (path: string) => path.split(/[\\/]/).length;
  const nearest = Math.min(...paths.map(depth));
  const near = paths.filter((path) => depth(path) === nearest);
  const named = (wanted: string) => near.find((path) => nameOf(path).toLowerCase() === wanted.toLowerCase());
  return (
    projectFiles.map(named).find(Boolean) ??
    near.find((path) => /^readme\b/i.test(nameOf(path))) ??
    near.find((path) => textFile.test(nameOf(path)))
  );
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? "";
}

/** The files of a directory; undefined if it is not on this machine. */
export function listFiles(directory: string): string[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted();
  } catch {
    return undefined;
  }
}

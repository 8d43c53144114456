/** The source code itself, for tests of its structure. */
import { Glob } from "bun";

export type Source = {
  /** Its path in the repository. */
  readonly file: string;
  readonly code: string;
  /** The paths of the files that it imports. */
  readonly imports: readonly string[];
};

const root = `${import.meta.dir}/../../`;

/** Resolves the path of an import in a file. */
export const resolveImport = (specifier: string, file: string): string =>
  new URL(specifier, `file:///${file}`).pathname.slice(1);

export const everything: readonly Source[] = await Promise.all(
  [...new Glob("{src,scripts,test}/**/*.ts").scanSync(root)].sort().map(async (path) => {
    const file = path.replaceAll("\\", "/");
    const code = await Bun.file(root + file).text();
    const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)];
    return { file, code, imports: specifiers.map(([, specifier = ""]) => resolveImport(specifier, file)) };
  }),
);

/** Whether a file is in a room, or is that file. */
export const isIn = (room: string) => (file: string) =>
  room.endsWith("/") ? file.startsWith(room) : file === room;

export const withoutComments = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

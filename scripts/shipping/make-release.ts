/**
 * Room `scripts/shipping/`: everything that turns a commit into the files of a release. Not here: a clock, a random
 * number or the order of a directory; the same commit gives the same bytes.
 *
 * All files of a release, from the sources to the checksums.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeManual } from "../../src/commands/write-manual.ts";
import type { ArchiveFile } from "./archive-file.ts";
import { type BuiltProgram, buildProgram, describeSignature } from "./build-program.ts";
import { product } from "./description.ts";
import { findNativeTarget } from "./find-native-target.ts";
import { readCompletions } from "./read-completions.ts";
import { archiveName, programName, type Target, targets } from "./targets.ts";
import { writeArchive } from "./write-archive.ts";
import { writeBillOfMaterials } from "./write-bill-of-materials.ts";
import { writeRecipes } from "./write-recipes.ts";

export type ReleaseOrder = {
  /** The directory that contains `src`; programs are left in its `dist/TARGET`. */
  readonly root: string;
  /** Without a `v`. */
  readonly version: string;
  readonly commit: string;
  /** Emptied first. */
  readonly directory: string;
  readonly print: (line: string) => void;
};

const allChecksums = z.record(z.enum(targets.map(({ name }) => name)), z.string());

/**
 * Builds every program, and packs it with its documents. The same commit gives the same files.
 * @throws Error when a program cannot be built, or the one for this machine does not run
 */
export async function makeRelease({ root, version, commit, directory, print }: ReleaseOrder): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const digests = new Map<string, string>();
  const keep = (name: string, contents: string | Uint8Array): string => {
    writeFileSync(join(directory, name), contents);
    const digest = new Bun.CryptoHasher("sha256").update(contents).digest("hex");
    digests.set(name, digest);
    print(`${digest}  ${name}  ${Buffer.byteLength(contents)} bytes`);
    return digest;
  };
  const build = (target: Target, place: string) =>
    buildProgram({ root, target, commit, directory: join(root, "dist", place) });

  const papers = await readPapers(root, await build(findNativeTarget(), "."), version);
  const checksums: Record<string, string> = {};
  for (const target of targets) {
    const { path, signature } = await build(target, target.name);
    if (signature) print(describeSignature(signature));
    const program = { path: programName(target), contents: readBytes(path), executable: true } as const;
    const archive = archiveName(target);
    checksums[target.name] = keep(archive, writeArchive(archive, [program, ...papers]));
  }
  keep(`${product.name}.cdx.json`, listIngredients(root, version));
  const recipes = writeRecipes({ version, checksums: allChecksums.parse(checksums) });
  for (const [name, text] of Object.entries(recipes)) keep(name, text);
  keep("checksums.txt", [...digests].map(([name, digest]) => `${digest}  ${name}\n`).join(""));
}

/** The files that accompany the program in every archive. */
async function readPapers(
  root: string,
  native: BuiltProgram,
  version: string,
): Promise<readonly ArchiveFile[]> {
  const files = ["CHANGELOG.md", "LICENSE", "README.md"].map((path) => ({
    path,
    contents: readBytes(join(root, path)),
  }));
  const manual = new TextEncoder().encode(`${writeManual(product.name, version)}\n`);
  return [
    ...files,
    { path: "licenses/pdf-files.txt", contents: readBytes(join(root, "src/lib/pdf-files/LICENSES.txt")) },
    { path: `man/${product.name}.1`, contents: manual },
    ...(await readCompletions(native.path)),
  ];
}

function listIngredients(root: string, version: string): string {
  return writeBillOfMaterials({
    version,
    lock: readFileSync(join(root, "bun.lock"), "utf8"),
    bunVersion: Bun.version,
    findLicense: (name) => {
      const manifest = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
      return z.object({ license: z.string() }).parse(JSON.parse(manifest)).license;
    },
  });
}

function readBytes(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path));
}

/** One program for one target: bundled, compiled, and signed where the system asks for it. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { product } from "./description.ts";
import { checkPages, type PageReport } from "./mach-o.ts";
import { signAdHoc } from "./sign-ad-hoc.ts";
import { programName, type Target } from "./targets.ts";

export type BuildOrder = {
  /** The directory that `src` lies in. */
  readonly root: string;
  readonly target: Target;
  readonly commit: string;
  /** Where the program is put. Its name is part of its bytes, and is always that of the target. */
  readonly directory: string;
};

export type BuiltProgram = {
  readonly path: string;
  /** Only of a program for macOS. */
  readonly signature?: Signature;
};

/** The pages as Bun signed them, and as they are now. */
type Signature = { readonly before: PageReport; readonly after: PageReport };

/**
 * The same sources and commit give the same bytes, wherever they lie. Bun fetches the runtime of another target from
 * the npm registry, once.
 * @throws Error when the sources cannot be bundled, or a signature does not fit afterwards
 */
export async function buildProgram({ root, target, commit, directory }: BuildOrder): Promise<BuiltProgram> {
  const path = join(directory, programName(target));
  await Bun.build({
    entrypoints: ["src/main.ts", ...findWorkers(root)].map((file) => join(root, file)),
    root: join(root, "src"),
    format: "esm",
    minify: true,
    bytecode: true,
    define: { BUILD_COMMIT: JSON.stringify(commit), BUILD_TARGET: JSON.stringify(target.name) },
    compile: {
      target: target.bun,
      outfile: path,
      // Both lie in the working directory, which may be a stranger's: a preload runs code, a `.env` moves the backend.
      autoloadDotenv: false,
      autoloadBunfig: false,
      // Companies have authorities of their own, and one stray promise must not end everybody's conversations.
      execArgv: ["--use-system-ca", "--unhandled-rejections=warn"],
    },
  });
  return target.os === "darwin" ? { path, signature: await sign(path) } : { path };
}

/** Threads are programs of their own to Bun, which embeds only those that are named. */
function findWorkers(root: string): readonly string[] {
  return [...new Bun.Glob("src/**/*-worker.ts").scanSync(root)].sort();
}

/**
 * The kernel of macOS ends a program at the first page that differs from its signature. Bun 1.4.5 leaves the one of
 * its own Intel runtime in place, which does not cover what was added.
 */
async function sign(path: string): Promise<Signature> {
  const bytes = await Bun.file(path).bytes();
  const signed = signAdHoc(bytes, product.name);
  const signature = { before: checkPages(bytes), after: checkPages(signed) };
  if (signature.after.bad.length > 0)
    throw new Error(`Cannot sign ${path}: ${signature.after.bad.length} pages differ from their hashes`);
  await Bun.write(path, signed);
  chmodSync(path, 0o755);
  return signature;
}

export function describeSignature({ before, after }: Signature): string {
  return `signed anew: ${after.pages} pages, ${before.bad.length} bad as Bun left them, ${after.bad.length} now`;
}

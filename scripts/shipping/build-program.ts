/** Builds one program for one target: bundled, compiled, and signed if the system requires it. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { product } from "./description.ts";
import { checkPages, type PageReport } from "./mach-o.ts";
import { signAdHoc } from "./sign-ad-hoc.ts";
import { programName, type Target } from "./targets.ts";

/** What `scripts/write-bytecode-order` wrote. */
export const bytecodeOrderFile = join(import.meta.dir, "bytecode-order.txt");

export type BuildOrder = {
  /** The directory that contains `src`. */
  readonly root: string;
  readonly target: Target;
  readonly commit: string;
  /** Where the program is put. Its name is part of its bytes, and is always that of the target. */
  readonly directory: string;
};

export type BuiltProgram = {
  readonly path: string;
  /** Only for programs for macOS. */
  readonly signature?: Signature;
};

/** The pages as Bun signed them, and as they are now. */
type Signature = { readonly before: PageReport; readonly after: PageReport };

/**
 * The same sources and commit give the same bytes, wherever they are. Bun names the parts of a program after their
 * paths as seen from the working directory, so that is `root` during the build. It fetches the runtime of another
 * target from the npm registry, once.
 * @throws Error when the sources cannot be bundled, or a signature does not fit afterwards
 */
export async function buildProgram({ root, target, commit, directory }: BuildOrder): Promise<BuiltProgram> {
  const path = join(directory, programName(target));
  const before = process.cwd();
  process.chdir(root);
  await compile(root, target, commit, path).finally(() => process.chdir(before));
  return target.os === "darwin" ? { path, signature: await sign(path) } : { path };
}

function compile(root: string, target: Target, commit: string, path: string): Promise<unknown> {
  return Bun.build({
    entrypoints: ["src/main.ts", ...findWorkers(root)].map((file) => join(root, file)),
    root: join(root, "src"),
    format: "esm",
    minify: true,
    bytecode: true,
    // Without it, every command would load all the others.
    splitting: true,
    define: { BUILD_COMMIT: JSON.stringify(commit), BUILD_TARGET: JSON.stringify(target.name) },
    compile: {
      target: target.bun,
      outfile: path,
      // Both are read from the working directory, which may be someone else's: a preload runs code, a `.env` changes
      // the backend.
      autoloadDotenv: false,
      autoloadBunfig: false,
      // Companies have certificate authorities of their own, and one unhandled rejection must not end everyone's
      // conversations.
      execArgv: ["--use-system-ca", "--unhandled-rejections=warn"],
      // What a start and the first messages use lies side by side, which saves 2 MB of memory and 5 ms of each start.
      bytecodeOrder: bytecodeOrderFile,
      // So much reluctance to compile that a start compiles nothing: `journey/delay-compiling.ts` says for how long.
      jitPolicy: 100,
    },
  });
}

/** Bun compiles threads as separate entry points, and embeds only those that are named. */
function findWorkers(root: string): readonly string[] {
  return [...new Bun.Glob("src/**/*-worker.ts").scanSync(root)].sort();
}

/**
 * The kernel of macOS kills a program at the first page that differs from its signature. Bun 1.4.5 leaves the
 * signature of its own Intel runtime in place, which does not cover what was added.
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

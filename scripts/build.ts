/** `./scripts/build`: programs for this machine, or for others; see the usage below. */
import { join } from "node:path";
import { buildProgram, describeSignature } from "./shipping/build-program.ts";
import { findNativeTarget } from "./shipping/find-native-target.ts";
import { readCommit } from "./shipping/read-commit.ts";
import { runScript } from "./shipping/run-script.ts";
import { type Target, targets } from "./shipping/targets.ts";

const usage = `Usage: ./scripts/build [TARGET…|all]

Without a target, builds dist/claude-code-proxy for this machine; otherwise dist/TARGET/claude-code-proxy for each.

Targets: ${targets.map(({ name }) => name).join(", ")}`;

const root = join(import.meta.dir, "..");

type Job = { readonly target: Target; readonly directory: string };

/** @throws Error for an unknown target */
function chooseJobs(names: readonly string[]): readonly Job[] {
  if (names.length === 0) return [{ target: findNativeTarget(), directory: join(root, "dist") }];
  const chosen = names.includes("all") ? targets : names.map(findTarget);
  return chosen.map((target) => ({ target, directory: join(root, "dist", target.name) }));
}

function findTarget(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (!found) throw new Error(`There is no target "${name}"; see --help`);
  return found;
}

async function main(words: readonly string[]): Promise<void> {
  if (words.includes("--help")) return console.log(usage);
  const jobs = chooseJobs(words);
  const commit = await readCommit(root);
  for (const { target, directory } of jobs) {
    const { path, signature } = await buildProgram({ root, target, commit, directory });
    const megabytes = (Bun.file(path).size / 1e6).toFixed(1);
    console.log(`${path.slice(root.length + 1)}  ${megabytes} MB`);
    if (signature) console.log(`  ${describeSignature(signature)}`);
  }
}

await runScript(main);

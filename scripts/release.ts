/** `./scripts/release`: the files of a release, ready to publish; see the usage below. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../src/version.ts";
import { makeRelease } from "./shipping/make-release.ts";
import { readCommit } from "./shipping/read-commit.ts";
import { runScript } from "./shipping/run-script.ts";

const usage = `Usage: ./scripts/release VERSION [--anyway]

Builds dist/release: an archive for each target, recipes, installers, a bill of materials, and checksums.txt.
VERSION must match package.json, and everything must be committed.

  --anyway  build it even so, for a trial`;

const root = join(import.meta.dir, "..");

/** @throws Error for a release that could not be rebuilt from a commit */
async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { anyway: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(usage);
  const wanted = positionals[0]?.replace(/^v/, "");
  if (wanted === undefined || positionals.length > 1) throw new Error(usage);
  const commit = await readCommit(root);
  const objections = [
    ...(wanted === version ? [] : [`package.json says ${version}, not ${wanted}`]),
    ...(commit === "unknown" ? ["this is not a git clone"] : []),
    ...(commit.endsWith("-dirty") ? ["files have changed since the last commit"] : []),
  ];
  if (objections.length > 0 && !values.anyway)
    throw new Error(`Cannot release ${wanted}: ${objections.join("; ")}; to try it out, add --anyway`);
  const directory = join(root, "dist/release");
  await makeRelease({ root, version: wanted, commit, directory, print: console.log });
}

await runScript(main);

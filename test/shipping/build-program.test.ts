import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { buildProgram, bytecodeOrderFile } from "../../scripts/shipping/build-program.ts";
import { findNativeTarget } from "../../scripts/shipping/find-native-target.ts";
import { recordBytecodeOrder } from "../../scripts/shipping/record-bytecode-order.ts";

const root = join(import.meta.dir, "../..");
const target = findNativeTarget();
const commit = "0123456789abcdef0123456789abcdef01234567";

let workspace: string;
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "build-"));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

test("builds in two directories are identical and contain neither path", async () => {
  const elsewhere = join(workspace, "else/where");
  mkdirSync(elsewhere, { recursive: true });
  const packages = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
  for (const part of ["src", "package.json", "tsconfig.json", ...packages])
    cpSync(join(root, part), join(elsewhere, part), { recursive: true, dereference: true });

  const places = [root, elsewhere].map((from, index) => ({
    root: from,
    target,
    commit,
    directory: join(workspace, `${index}`),
  }));
  const programs: Buffer[] = [];
  for (const place of places) programs.push(readFileSync((await buildProgram(place)).path));
  const [here, there] = programs;
  expect(there && here?.equals(there)).toBe(true);
  for (const path of [root, workspace]) expect(here?.includes(path)).toBe(false);
  expect(here?.includes(commit)).toBe(true);
});

test("the record of what a start uses is not too old; `./scripts/write-bytecode-order` makes a new one", async () => {
  const directory = join(workspace, "recorded");
  mkdirSync(directory);
  const { path } = await buildProgram({ root, target, commit, directory });
  const used = await recordBytecodeOrder(path, directory);
  const recorded = new Set(readFileSync(bytecodeOrderFile, "utf8").split("\n"));
  expect(used.filter((line) => recorded.has(line)).length / used.length).toBeGreaterThan(0.75);
});

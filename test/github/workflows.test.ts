import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob, YAML } from "bun";
import { z } from "zod";
import { product } from "../../scripts/shipping/description.ts";

const root = join(import.meta.dir, "../..");
const files = [...new Glob(".github/{workflows,actions}/**/*.yml").scanSync({ cwd: root, dot: true })].sort();

const step = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const job = z.looseObject({
  steps: z.array(step),
  permissions: z.record(z.string(), z.string()).optional(),
  "timeout-minutes": z.number(),
});
const workflow = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), job),
});
const action = z.looseObject({
  runs: z.looseObject({ using: z.literal("composite"), steps: z.array(step) }),
});

const texts = new Map(
  await Promise.all(files.map(async (file) => [file, await Bun.file(join(root, file)).text()] as const)),
);
const read = (file: string) => YAML.parse(texts.get(file) ?? "");
const workflows = files.filter((file) => file.includes("/workflows/"));
const actions = files.filter((file) => file.includes("/actions/"));

function steps(file: string) {
  if (actions.includes(file)) return action.parse(read(file)).runs.steps;
  return Object.values(workflow.parse(read(file)).jobs).flatMap((job) => job.steps);
}

test("all files are found", () => {
  expect([workflows.length, actions.length]).toEqual([2, 2]);
});

describe.each(files)("%s", (file) => {
  test("pins every action to a commit, and names its version", () => {
    const uses = (texts.get(file) ?? "").split("\n").filter((line) => /^ *(- )?uses:/.test(line));
    expect(uses).toHaveLength(steps(file).filter((step) => step.uses).length);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("puts no expression into a script, where its value could become code", () => {
    for (const { run = "" } of steps(file)) expect(run).not.toContain("${{");
  });

  test("has scripts that a shell can parse", () => {
    for (const { run, shell } of steps(file)) {
      if (run === undefined || shell === "pwsh") continue;
      const { exitCode, stderr } = Bun.spawnSync(["bash", "-n", "-c", run]);
      expect({ run, exitCode, stderr: stderr.toString() }).toEqual({ run, exitCode: 0, stderr: "" });
    }
  });
});

describe.each(workflows)("%s", (file) => {
  const { jobs, permissions } = workflow.parse(read(file));

  test("gives write permission only to the jobs that need it", () => {
    const writers = Object.entries(jobs).flatMap(([name, { permissions = {} }]) =>
      Object.entries(permissions)
        .filter(([, leave]) => leave === "write")
        .map(([scope]) => `${name}: ${scope}`),
    );
    const allowed = ["attest: id-token", "attest: attestations", "publish: contents"];
    expect(Object.values(permissions)).not.toContain("write");
    expect(writers).toEqual(file.endsWith("release.yml") ? allowed : []);
  });

  test("keeps no token in a checkout, except where it pushes", () => {
    for (const { uses, with: given } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (!uses?.startsWith("actions/checkout@")) continue;
      if (given?.repository === undefined) expect(given?.["persist-credentials"]).toBe(false);
      else expect([product.tap, product.bucket].map(String)).toContain(String(given.repository));
    }
  });
});

import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob, YAML } from "bun";
import { z } from "zod";
import { product } from "../../scripts/shipping/description.ts";
import { archiveName, targets } from "../../scripts/shipping/targets.ts";
import { writeArchive } from "../../scripts/shipping/write-archive.ts";
import { writeProgram } from "../support/installer.ts";

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
    const allowed = [
      "attest: id-token",
      "attest: attestations",
      "publish: contents",
      "image: packages",
      "index: packages",
      "index: id-token",
      "index: attestations",
    ];
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

describe("the image of a release", () => {
  const { env, jobs } = workflow
    .extend({ env: z.record(z.string(), z.string()) })
    .parse(read(".github/workflows/release.yml"));
  const { matrix } = z
    .object({ matrix: z.object({ include: z.array(z.object({ arch: z.string(), target: z.string() })) }) })
    .parse(jobs.image?.strategy);

  test("has the name that the documents tell, for two processors, on Alpine's C library", () => {
    expect(env.IMAGE).toBe(product.image);
    const chosen = matrix.include.map(({ target }) => targets.find(({ name }) => name === target));
    expect(chosen.map((target) => target && "libc" in target && target.libc)).toEqual(["musl", "musl"]);
    expect(matrix.include.map(({ arch }) => arch)).toEqual(["amd64", "arm64"]);
    expect(readFileSync(join(root, "scripts/docker/Dockerfile"), "utf8")).toContain("FROM alpine:");
  });

  test.skipIf(process.platform !== "linux")("holds the program of the archive", () => {
    const directory = mkdtempSync(join(tmpdir(), "image-"));
    const [{ target = "" } = {}] = matrix.include;
    const archive = archiveName({ name: target, os: "linux" });
    const contents = new TextEncoder().encode("the program");
    mkdirSync(join(directory, "release"));
    writeFileSync(
      join(directory, "release", archive),
      writeArchive(archive, [{ path: "claude-code-proxy", contents, executable: true }]),
    );
    mkdirSync(join(directory, "bin"));
    writeProgram(join(directory, "bin/docker"), 'printf "%s\\n" "$*"');
    const script = jobs.image?.steps.find(({ name }) => name === "Build")?.run ?? "";
    const { stdout, stderr, exitCode } = Bun.spawnSync(["bash", "-e", "-c", script], {
      cwd: directory,
      env: {
        PATH: `${directory}/bin:${process.env.PATH}`,
        IMAGE: product.image,
        TAG: "v1.2.3",
        ARCH: "amd64",
        TARGET: target,
      },
    });
    const copied = /COPY --from=build (\S+)/.exec(
      readFileSync(join(root, "scripts/docker/Dockerfile"), "utf8"),
    )?.[1];
    const program = readFileSync(join(directory, "built", copied ?? ""), "utf8");
    rmSync(directory, { recursive: true });
    expect({ exitCode, stderr: stderr.toString(), program }).toEqual({
      exitCode: 0,
      stderr: "",
      program: "the program",
    });
    expect(stdout.toString()).toContain("--build-context build=built");
    expect(stdout.toString()).toContain(`--tag ${product.image}:1.2.3-amd64`);
  });
});

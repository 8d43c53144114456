import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { downloadUrl } from "../../scripts/shipping/description.ts";
import { archiveName, targets } from "../../scripts/shipping/targets.ts";
import { writeFormula } from "../../scripts/shipping/write-formula.ts";
import { writeRecipes } from "../../scripts/shipping/write-recipes.ts";
import { writeProgram } from "../support/installer.ts";
import { programScript } from "../support/program.ts";
import { exampleRelease } from "../support/release.ts";

const recipes = writeRecipes(exampleRelease);
const homebrew = join(import.meta.dir, "../support/homebrew.rb");
const fixtures = join(import.meta.dir, "../fixtures/release");

function recipe(name: string): string {
  const text = recipes[name];
  if (text === undefined) throw new Error(`There is no recipe ${name}`);
  return text;
}

describe("recipes", () => {
  // `UPDATE_GOLDEN=1` rewrites the files; the diff then shows the changes.
  test.each(Object.keys(recipes))("%s equals its golden file", async (name) => {
    const golden = Bun.file(join(fixtures, name));
    if (process.env.UPDATE_GOLDEN) await golden.write(recipe(name));
    expect(recipe(name)).toBe(await golden.text());
  });

  test("no template placeholder is left", () => {
    for (const text of Object.values(recipes)) expect(text).not.toMatch(/@[A-Z]+@|undefined/);
  });

  test.each(targets)("$name has its digest in both installers", (target) => {
    const line = `${exampleRelease.checksums[target.name]}  ${archiveName(target)}\n`;
    expect(recipe("install.sh")).toContain(line);
    expect(recipe("install.ps1")).toContain(line);
  });
});

describe("formula", () => {
  const formula = recipe("claude-code-proxy.rb");

  const ruby = Bun.which("ruby") ?? "";
  const file = join(fixtures, "claude-code-proxy.rb");

  test.skipIf(!ruby)("is valid Ruby", () => {
    const { stdout } = Bun.spawnSync([ruby, "-wc", file]);
    expect(stdout.toString()).toBe("Syntax OK\n");
  });

  test.skipIf(!ruby).each([
    ["macos", "arm", "darwin-arm64", "~/Library/Application Support/claude-code-proxy/.env"],
    ["macos", "intel", "darwin-x64", "~/Library/Application Support/claude-code-proxy/.env"],
    ["linux", "arm", "linux-arm64", "~/.config/claude-code-proxy/.env"],
    ["linux", "intel", "linux-x64-baseline", "~/.config/claude-code-proxy/.env"],
  ] as const)("gives %s on %s the build %s, and names %s", (system, processor, name, place) => {
    const { stdout } = Bun.spawnSync([ruby, homebrew, file, system, processor]);
    const facts = JSON.parse(stdout.toString());
    expect(facts.url).toBe(downloadUrl("1.2.3", `claude-code-proxy-${name}.tar.gz`));
    expect(facts.sha256).toBe(exampleRelease.checksums[name]);
    expect(facts.service.run).toEqual(["/opt/bin/claude-code-proxy", "serve"]);
    expect(facts.caveats).toContain(`  ${place}\n`);
  });

  test.skipIf(!ruby)("passes its own test with the program", async () => {
    const directory = mkdtempSync(join(tmpdir(), "formula-"));
    try {
      const formula = join(directory, "claude-code-proxy.rb");
      await Bun.write(formula, writeFormula({ ...exampleRelease, version: manifest.version }));
      writeProgram(join(directory, "claude-code-proxy"), programScript);
      const child = Bun.spawn([ruby, homebrew, formula, "linux", "intel", directory], { stderr: "pipe" });
      const [err, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
      expect({ err, code }).toEqual({ err: expect.any(String), code: 0 });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("each address is followed by the digest of its archive", () => {
    const pairs = [...formula.matchAll(/url "([^"]+)"\n +sha256 "([^"]+)"/g)].map(([, url, digest]) => [
      url,
      digest,
    ]);
    const expected = targets
      .filter(({ name }) =>
        ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64-baseline"].includes(name),
      )
      .map((target) => [downloadUrl("1.2.3", archiveName(target)), exampleRelease.checksums[target.name]]);
    expect(pairs.sort()).toEqual(expected.sort());
  });

  test("follows the rules of Homebrew's style that need no Homebrew", () => {
    expect(formula).not.toMatch(/^ *version /m);
    expect(formula).not.toContain("\\#{");
    const description = /desc "(.*)"/.exec(formula)?.[1] ?? "";
    expect(description.length).toBeLessThanOrEqual(80);
    expect(description).toMatch(/^(?!An? |The )[A-Z].*[^.]$/);
    const lines = formula.split("\n").filter((line) => !/^ *url /.test(line));
    expect(lines.filter((line) => line.length > 118 || /\s$/.test(line))).toEqual([]);
    const parts = [
      "desc",
      "homepage",
      "license",
      "livecheck",
      "on_macos",
      "on_linux",
      "def install",
      "def caveats",
    ];
    const order = [...parts, "service do", "test do"].map((part) => formula.indexOf(`\n  ${part}`));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });
});

/** What Scoop's schema requires of the fields that we use; like the schema, this allows no others at the top. */
const address = z.url({ protocol: /^https$/ }).regex(/^[^$]+$/);
const perProcessor = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({ "64bit": entry, arm64: entry });
const scoopManifest = z.strictObject({
  version: z.string().regex(/^[\w.+-]+$/),
  description: z.string(),
  homepage: address,
  license: z.string(),
  notes: z.array(z.string()),
  architecture: perProcessor(z.strictObject({ url: address, hash: z.string().regex(/^[0-9a-f]{64}$/) })),
  bin: z.string(),
  checkver: z.literal("github"),
  autoupdate: z.strictObject({
    architecture: perProcessor(z.strictObject({ url: z.string().includes("$version") })),
    hash: z.strictObject({ url: z.string().startsWith("$baseurl/") }),
  }),
});

describe("manifest", () => {
  const scoop = scoopManifest.parse(JSON.parse(recipe("claude-code-proxy.json")));

  test("an update to this version finds its files and their checksums", () => {
    for (const processor of ["64bit", "arm64"] as const) {
      const url = scoop.autoupdate.architecture[processor].url.replaceAll("$version", scoop.version);
      expect(url).toBe(scoop.architecture[processor].url);
      const directory = url.slice(0, url.lastIndexOf("/"));
      expect(scoop.autoupdate.hash.url.replace("$baseurl", directory)).toBe(
        downloadUrl("1.2.3", "checksums.txt"),
      );
    }
  });

  test("checkver looks where the files are", () => {
    expect(scoop.architecture["64bit"].url.startsWith(`${scoop.homepage}/releases/`)).toBe(true);
  });
});

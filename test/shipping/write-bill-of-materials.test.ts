import { expect, test } from "bun:test";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { writeBillOfMaterials } from "../../scripts/shipping/write-bill-of-materials.ts";

const zeros = `sha512-${Buffer.alloc(64).toString("base64")}`;

/** Two packages that each have their own `inner`, as Bun writes it; and one that only tests need. */
const lock = `{
  "workspaces": { "": { "dependencies": { "@some/outer": "1.0.0", "inner": "2.0.0" }, "devDependencies": { "tool": "3.0.0" } } },
  "packages": {
    "@some/outer": ["@some/outer@1.0.0", "", { "dependencies": { "inner": "^1.0.0" } }, "${zeros}"],
    "inner": ["inner@2.0.0", "", {}, "${zeros}"],
    "tool": ["tool@3.0.0", "", {}, "${zeros}"],
    "@some/outer/inner": ["inner@1.5.0", "", {}, "${zeros}"],
  },
}`;

const write = (text: string) =>
  JSON.parse(
    writeBillOfMaterials({ version: "1.2.3", lock: text, bunVersion: "9.9.9", findLicense: () => "ISC" }),
  );

test("lists the runtime dependencies and theirs, but no development tools", () => {
  const { components, dependencies } = write(lock);
  expect(components.map(({ purl }: { purl: string }) => purl)).toEqual([
    "pkg:github/oven-sh/bun@bun-v9.9.9",
    "pkg:npm/%40some/outer@1.0.0",
    "pkg:npm/inner@1.5.0",
    "pkg:npm/inner@2.0.0",
  ]);
  expect(dependencies).toContainEqual({
    ref: "pkg:npm/%40some/outer@1.0.0",
    dependsOn: ["pkg:npm/inner@1.5.0"],
  });
  expect(components[1]).toMatchObject({
    licenses: [{ license: { id: "ISC" } }],
    hashes: [{ alg: "SHA-512", content: "00".repeat(64) }],
  });
});

test("our lock file gives our dependencies", async () => {
  const { components } = write(await Bun.file(join(import.meta.dir, "../../bun.lock")).text());
  const names = components.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(["bun", ...Object.keys(manifest.dependencies)]));
  expect(names).not.toContain("typescript");
});

test("an unknown lock file format is an error", () => {
  expect(() => write('{ "packages": {} }')).toThrow();
});

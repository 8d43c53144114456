import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { backendNames, knownBackends } from "../../src/catalog/backends/known-backends.ts";
import { chooseQuirks } from "../../src/catalog/choose-quirks.ts";
import { backendRows } from "../support/backend-rows.ts";
import { findForgotten, type Repository } from "../support/find-forgotten.ts";

const root = `${import.meta.dir}/../../`;
const readme = await Bun.file(`${root}README.md`).text();
const repository: Repository = {
  files: new Set(
    ["src/catalog/backends/*.ts", "test/fixtures/openai-chat/*/*"].flatMap((pattern) =>
      [...new Glob(pattern).scanSync(root)].map((file) => file.replaceAll("\\", "/")),
    ),
  ),
  backends: backendNames,
  rows: backendRows,
  documented: [...readme.matchAll(/^\|.*\| `(\w+)` \|$/gm)].map(([, name = ""]) => name),
};

describe("a backend is complete", () => {
  test("all of them are", () => {
    expect(findForgotten(repository)).toEqual([]);
  });

  test("what a new one lacks is named", () => {
    expect(findForgotten({ ...repository, backends: [...backendNames, "nobody"] })).toEqual([
      "nobody: there is no src/catalog/backends/nobody.ts",
      "nobody: there is no test/fixtures/openai-chat/nobody/expected.ts",
      "nobody: it has no row in test/support/backend-rows.ts",
      "nobody: it is not in README.md; run ./scripts/write-readme",
    ]);
  });

  test("a file alone is not enough", () => {
    const files = new Set([...repository.files, "src/catalog/backends/nobody.ts"]);
    expect(findForgotten({ ...repository, files })).toContain(
      "nobody: it is not in the list of src/catalog/backends/known-backends.ts",
    );
  });

  test("the answers that its row names exist", () => {
    const rows = { ...backendRows, zai: { ...backendRows.zai, text: "lost.sse" } };
    expect(findForgotten({ ...repository, rows })).toEqual([
      "zai: there is no test/fixtures/openai-chat/zai/lost.sse",
    ]);
  });
});

test("no two backends have the same name", () => {
  expect(new Set(backendNames).size).toBe(backendNames.length);
});

test.each(knownBackends.map(({ name, readme }) => [readme.baseUrl, name] as const))(
  "the address %s belongs to %s alone",
  (baseUrl, name) => {
    expect(chooseQuirks({ baseUrl, hasApiVersion: false, name: undefined }).name).toBe(name);
    const { host } = new URL(baseUrl);
    const matching = knownBackends.filter(({ hosts }) => hosts.some((pattern) => pattern.test(host)));
    expect(matching.map((backend) => backend.name)).toEqual(name === "generic" ? [] : [name]);
  },
);

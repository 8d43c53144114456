import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { backendNames, knownBackends } from "../../../src/catalog/backends/known-backends.ts";
import { chooseQuirks } from "../../../src/catalog/choose-quirks.ts";
import { backendRows } from "../../support/backend-rows.ts";
import { findForgotten, type Repository } from "../../support/find-forgotten.ts";

const root = `${import.meta.dir}/../../../`;
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

  const nothing: Repository = { files: new Set(), backends: [], rows: {}, documented: [] };

  test("what a listed one lacks is named", () => {
    expect(findForgotten({ ...nothing, backends: ["acme"] })).toEqual([
      "acme: there is no src/catalog/backends/acme.ts",
      "acme: there is no test/fixtures/openai-chat/acme/expected.ts",
      "acme: it has no row in test/support/backend-rows.ts",
      "acme: it is not in README.md; run ./scripts/write-readme",
    ]);
  });

  test("one that only has a file, or fixtures, is found too", () => {
    for (const file of ["src/catalog/backends/acme.ts", "test/fixtures/openai-chat/acme/text.sse"])
      expect(findForgotten({ ...nothing, files: new Set([file]) })).toContain(
        "acme: it is not in the list of src/catalog/backends/known-backends.ts",
      );
  });

  test("the answers that its row names exist", () => {
    const { text, call, error } = backendRows.generic;
    expect(findForgotten({ ...nothing, rows: { acme: backendRows.generic } })).toEqual(
      expect.arrayContaining(
        [text, call, error[0]].map((file) => `acme: there is no test/fixtures/openai-chat/acme/${file}`),
      ),
    );
  });
});

test("no two backends have the same name", () => {
  expect(new Set(backendNames).size).toBe(backendNames.length);
});

test.each(knownBackends.map(({ name, readme }) => [readme.baseUrl, name] as const))(
  "the address %s belongs to %s alone",
  (baseUrl, name) => {
    expect(chooseQuirks({ baseUrl, hasApiVersion: false, name: undefined }).name).toBe(name);
    const { host, port } = new URL(baseUrl);
    const matching = knownBackends.filter(
      (backend) => backend.hosts.some((one) => one.test(host)) || String(backend.port) === port,
    );
    expect(matching.map((backend) => backend.name)).toEqual(name === "generic" ? [] : [name]);
  },
);

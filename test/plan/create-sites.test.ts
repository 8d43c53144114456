import { expect, test } from "bun:test";
import { createSites, readExplicit, withTiers } from "../../src/plan/create-sites.ts";
import { testConfig } from "../support/proxy.ts";

const config = testConfig({
  models: { small: "" },
  smallBackend: { baseUrl: "http://localhost:11434/v1", name: "ollama" },
});

test("a tier goes to its own backend, the others to the default one", () => {
  const sites = createSites(config);
  expect(sites.all.map(({ backend }) => backend.id)).toEqual(["default", "small"]);
  expect(sites.ofTier("big")).toBe(sites.default);
  expect(sites.ofTier("small").backend.quirks.name).toBe("ollama");
});

test("an open tier is filled in from the list of its own backend", () => {
  const sites = createSites(config);
  const { models } = withTiers(config, sites);
  sites.default.catalog.replace([{ id: "elsewhere" }], 0);
  expect(models.small).toBe("");
  sites.find("small")?.catalog.replace([{ id: "qwen3-coder" }], 0);
  expect(models.small).toBe("qwen3-coder");
});

test("BACKEND@MODEL names a known backend, and the model may contain another @", () => {
  const sites = createSites(config);
  expect(readExplicit("small@a@b", sites)).toMatchObject({ site: sites.find("small"), model: "a@b" });
  expect(readExplicit("claude/small@a[1m]", sites)?.model).toBe("a");
  for (const name of ["other@a", "small@", "@cf/a", "small"])
    expect(readExplicit(name, sites)).toBeUndefined();
});

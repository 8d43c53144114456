import { expect, test } from "bun:test";
import { createSites, readExplicit } from "../../src/plan/create-sites.ts";
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

test("BACKEND@MODEL names a known backend, and the model may contain another @", () => {
  const sites = createSites(config);
  expect(readExplicit("small@a@b", sites)).toMatchObject({ site: sites.find("small"), model: "a@b" });
  expect(readExplicit("claude/small@a[1m]", sites)?.model).toBe("a");
  for (const name of ["other@a", "small@", "@cf/a", "small"])
    expect(readExplicit(name, sites)).toBeUndefined();
});

import { expect, test } from "bun:test";
import { createRouting } from "../../src/plan/create-routing.ts";
import { testConfig } from "../support/proxy.ts";

test("an open tier is filled in from the list of its own backend", () => {
  const smallBackend = { baseUrl: "http://localhost:11434/v1" };
  const { config, sites } = createRouting(testConfig({ models: { small: "" }, smallBackend }));
  sites.default.catalog.replace([{ id: "elsewhere" }], 0);
  expect(config.models.small).toBe("");
  sites.find("small")?.catalog.replace([{ id: "qwen3-coder" }], 0);
  expect(config.models.small).toBe("qwen3-coder");
});

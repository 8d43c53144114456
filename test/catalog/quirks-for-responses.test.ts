import { describe, expect, test } from "bun:test";
import type { BackendName } from "../../src/catalog/backends/known-backends.ts";
import { quirksByProtocol, quirksForModel, quirksNamed } from "../../src/catalog/choose-quirks.ts";
import { quirksForResponses } from "../../src/catalog/quirks-for-responses.ts";

const at = (backend: BackendName, model: string) =>
  quirksByProtocol(quirksForModel(quirksNamed(backend), model), "responses", model);
const efforts = ["low", "medium", "high", "xhigh"];

describe("reasoning", () => {
  test.each<[backend: BackendName, model: string, off: object, efforts: readonly string[]]>([
    ["openai", "gpt-5.4", { reasoning: { effort: "none" } }, efforts],
    ["openai", "gpt-5.6-sol", { reasoning: { effort: "none" } }, [...efforts, "max"]],
    ["openai", "gpt-6-astra", { reasoning: { effort: "low" } }, [...efforts, "max"]],
    ["openai", "gpt-5", { reasoning: { effort: "minimal" } }, ["minimal", "low", "medium", "high"]],
    ["azure", "my-gpt-6.1-sol", { reasoning: { effort: "low" } }, [...efforts, "max"]],
    ["xai", "grok-4.3", { reasoning: { effort: "none" } }, ["low", "medium", "high"]],
    ["openrouter", "openai/gpt-5.4", { reasoning: { effort: "none" } }, ["minimal", ...efforts, "max"]],
  ])("%s %s is asked for it in one field, beside tools as well", (backend, model, off, all) => {
    const { reasoning } = at(backend, model);
    expect(reasoning).toMatchObject({ off, replay: "items", withTools: true });
    expect<unknown>(reasoning.effort).toEqual({ reasoning: { effort: "{effort}", summary: "auto" } });
    expect<readonly string[]>([...reasoning.efforts]).toEqual([...all]);
  });

  test.each<[BackendName, string]>([
    ["openai", "gpt-4.1"],
    ["xai", "grok-4.20-non-reasoning"],
  ])("%s %s, which cannot be asked for it, is not", (backend, model) => {
    expect(at(backend, model).reasoning).toMatchObject({ on: {}, off: {}, effort: {}, budget: {} });
  });
});

test("what chat completions have and this has not is gone", () => {
  const chat = quirksNamed("openrouter");
  expect(quirksForResponses(chat)).toMatchObject({
    sampling: { maxStops: 0, topK: false },
    media: { toolResultImages: "in-place" },
    web: { search: "none" },
    caching: { keyField: "none", automatic: false },
  });
});

test("a search is a tool where the backend has one", () => {
  for (const backend of ["openai", "azure", "xai"] as const)
    expect(at(backend, "gpt-5.4").web).toMatchObject({ search: "server-tool", searchModel: undefined });
});

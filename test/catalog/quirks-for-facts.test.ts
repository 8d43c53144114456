import { expect, test } from "bun:test";
import { quirksNamed } from "../../src/catalog/choose-quirks.ts";
import { changeQuirks, noReasoning, type QuirkChanges } from "../../src/catalog/quirks.ts";
import { quirksForFacts } from "../../src/catalog/quirks-for-facts.ts";

const quirks = quirksNamed("openrouter");
const all = [
  "tools",
  "reasoning",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "structured_outputs",
  "response_format",
];
const without = (...names: string[]) =>
  quirksForFacts(quirks, { id: "m", supportedParameters: all.filter((name) => !names.includes(name)) });

test("a model that supports everything, or of which nothing is known, gets the backend's quirks", () => {
  expect(without()).toEqual(quirks);
  expect(quirksForFacts(quirks, undefined)).toBe(quirks);
  expect(quirksForFacts(quirks, { id: "m" })).toBe(quirks);
  expect(quirksForFacts(quirks, { id: "m", supportedParameters: [] })).toBe(quirks);
});

test.each<[string, QuirkChanges]>([
  ["temperature", { sampling: { allowed: false } }],
  ["reasoning", { reasoning: noReasoning }],
  ["top_k", { sampling: { topK: false } }],
  ["stop", { sampling: { maxStops: 0 } }],
  ["parallel_tool_calls", { tools: { parallelCalls: false } }],
  ["tool_choice", { toolChoice: { any: "omit", named: "auto", none: "omit-tools" } }],
  ["structured_outputs", { tools: { strict: false }, json: { format: "json_object" } }],
])("without %s", (name, expected) => {
  expect(without(name)).toEqual(changeQuirks(quirks, expected));
});

test("a model that cannot enforce a schema gets it in the prompt", () => {
  expect(without("structured_outputs", "response_format").json.format).toBe("none");
});

test("a model's list cannot enable what the backend does not take", () => {
  const commonQuirks = quirksNamed("generic");
  expect(quirksForFacts(commonQuirks, { id: "m", supportedParameters: all })).toEqual(commonQuirks);
});

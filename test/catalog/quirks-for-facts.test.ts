import { expect, test } from "bun:test";
import { quirksNamed } from "../../src/catalog/choose-quirks.ts";
import { changeQuirks, type QuirkChanges } from "../../src/catalog/quirks.ts";
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

test("a model that takes everything, or of which nothing is known, is like the rest", () => {
  expect(without()).toEqual(quirks);
  expect(quirksForFacts(quirks, undefined)).toBe(quirks);
  expect(quirksForFacts(quirks, { id: "m" })).toBe(quirks);
  expect(quirksForFacts(quirks, { id: "m", supportedParameters: [] })).toBe(quirks);
});

test.each<[string, QuirkChanges]>([
  ["temperature", { sampling: { allowed: false } }],
  ["reasoning", { reasoning: { request: "none" } }],
  ["top_k", { sampling: { topK: false } }],
  ["stop", { sampling: { maxStops: 0 } }],
  ["parallel_tool_calls", { tools: { parallelCalls: false } }],
  ["tool_choice", { toolChoice: { any: "omit", named: "auto", none: "omit-tools" } }],
  ["structured_outputs", { tools: { strict: false }, json: { format: "json_object" } }],
])("without %s", (name, expected) => {
  expect(without(name)).toEqual(changeQuirks(quirks, expected));
});

test("a schema that cannot be enforced at all is told in words", () => {
  expect(without("structured_outputs", "response_format").json.format).toBe("none");
});

test("what the row does not take, no list of a model brings back", () => {
  const careful = quirksNamed("generic");
  expect(quirksForFacts(careful, { id: "m", supportedParameters: all })).toEqual(careful);
});

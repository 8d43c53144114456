import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aliasFor, isUnknownClaude, mapModel, tierOf } from "../../src/plan/map-model.ts";

const models = { big: "openai/big", middle: "openai/middle", small: "openai/small" };

describe("mapModel", () => {
  const table: readonly [requested: string, model: string][] = [
    ["claude-opus-5-5", "openai/big"],
    ["claude-opus-4-8[1m]", "openai/big"],
    ["claude-sonnet-5", "openai/middle"],
    ["claude-haiku-4-5-20251001", "openai/small"],
    ["claude-3-5-SONNET-latest", "openai/middle"],
    ["Opus", "openai/big"],
    ["haiku", "openai/small"],
    ["anthropic/claude-opus-4.6", "openai/big"],
    ["claude-opus", "openai/big"],
    ["claude-fable-5-2", "openai/big"],
    ["fable", "openai/big"],
    ["claude-next-7", "openai/middle"],
    ["CLAUDE-2.1[1m]", "openai/middle"],
    ["fable-writer-7b", "fable-writer-7b"],
    ["anthropic/claude-next-7", "anthropic/claude-next-7"],
    ["openai/gpt-5[1m]", "openai/gpt-5"],
    ["o3[beta]", "o3"],
    ["grok-4", "grok-4"],
    ["gpt-5.4", "gpt-5.4"],
    ["deepseek-chat", "deepseek-chat"],
    ["gemini-3-pro", "gemini-3-pro"],
    ["llama3:8b", "llama3:8b"],
    ["a[b]c", "a[b]c"],
    ["[1m]", "[1m]"],
    ["claude/openai/gpt-5.4", "openai/gpt-5.4"],
    ["claude/anthropic/claude-opus-4.6", "anthropic/claude-opus-4.6"],
    ["claude/anthropic/claude-opus-4.6[1m]", "anthropic/claude-opus-4.6"],
    ["claude/", "claude/"],
  ];
  for (const [requested, model] of table) {
    test(`${requested} → ${model}`, () => expect(mapModel(requested, models)).toBe(model));
  }

  test("an alias leads back to the backend's model, whatever its name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9/:._-]+$/), (id) => {
        expect(mapModel(aliasFor(id), models)).toBe(id);
        expect(mapModel(`${aliasFor(id)}[1m]`, models)).toBe(id);
      }),
    );
  });
});

test("an alias belongs to no tier, a tier's name does", () => {
  expect(tierOf("claude/x-opus")).toBeUndefined();
  expect(tierOf("gpt-5")).toBeUndefined();
  expect(tierOf("claude-HAIKU-9[1m]")).toBe("small");
});

test("a name that the backend lists is left alone, unless it is a tier's", () => {
  const listed = ["claude-next-7", "claude-fable-5-2", "claude-opus-5"];
  const map = (name: string) => mapModel(name, models, (id) => listed.includes(id));
  expect(map("claude-next-7")).toBe("claude-next-7");
  expect(map("claude-fable-5-2")).toBe("claude-fable-5-2");
  expect(map("claude-opus-5")).toBe("openai/big");
});

test("a tier whose model is open passes the name on", () => {
  expect(mapModel("claude-opus-5", { big: "", middle: "", small: "s" })).toBe("claude-opus-5");
});

test("a name of Claude's is unknown if it is of no family", () => {
  expect(
    ["claude-next-7", "claude-opus-5", "claude-fable-1", "claude/x", "gpt-5"].map(isUnknownClaude),
  ).toEqual([true, false, false, false, false]);
});

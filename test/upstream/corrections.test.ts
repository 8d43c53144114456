import { describe, expect, test } from "bun:test";
import { applyCorrections, type Correction, describeCorrection } from "../../src/upstream/corrections.ts";

const body = {
  max_tokens: 100,
  tool_choice: { type: "function", function: { name: "look" } },
  reasoning: { effort: "max" },
  messages: [
    { role: "developer", content: "Be kind" },
    { role: "user", content: "Hi" },
  ],
  tools: [{ type: "function", function: { name: "look", strict: true } }, { type: "function" }],
};

describe("a correction changes what its path points to", () => {
  const rows: [Correction, words: string, changed: object][] = [
    [{ change: "drop", path: "reasoning" }, "left out reasoning", { reasoning: undefined }],
    [
      { change: "rename", path: "max_tokens", to: "max_completion_tokens" },
      "max_tokens became max_completion_tokens",
      { max_tokens: undefined, max_completion_tokens: 100 },
    ],
    [{ change: "cap", path: "max_tokens", to: 50 }, "max_tokens kept at 50 or below", { max_tokens: 50 }],
    [
      { change: "replace", path: "tool_choice", from: { type: "function" }, to: "required" },
      'tool_choice {"type":"function"} became "required"',
      { tool_choice: "required" },
    ],
    [
      { change: "replace", path: "reasoning_effort", to: "none", withTools: true },
      'reasoning_effort became "none" beside tools',
      { reasoning_effort: "none" },
    ],
    [
      { change: "replace", path: "reasoning.effort", from: "max", to: "high" },
      'reasoning.effort "max" became "high"',
      { reasoning: { effort: "high" } },
    ],
    [
      { change: "drop", path: "tools[].function.strict" },
      "left out tools[].function.strict",
      { tools: [{ type: "function", function: { name: "look" } }, { type: "function" }] },
    ],
    [
      { change: "replace", path: "messages[].role", from: "developer", to: "system" },
      'messages[].role "developer" became "system"',
      {
        messages: [
          { role: "system", content: "Be kind" },
          { role: "user", content: "Hi" },
        ],
      },
    ],
  ];
  for (const [correction, words, changed] of rows) {
    test(words, () => {
      const before = structuredClone(body);
      const corrected = applyCorrections(body, [correction]);
      expect(corrected).toEqual({ ...body, ...changed });
      expect(applyCorrections(corrected, [correction])).toBe(corrected);
      expect(body).toEqual(before);
      expect(describeCorrection(correction)).toBe(words);
    });
  }
});

test("a correction that does not apply returns the same object", () => {
  const strangers: Correction[] = [
    { change: "drop", path: "stop" },
    { change: "drop", path: "reasoning", from: { effort: "none" } },
    { change: "drop", path: "messages[].content[].cache_control" },
    { change: "rename", path: "max_completion_tokens", to: "max_tokens" },
    { change: "cap", path: "max_tokens", to: 100 },
    { change: "cap", path: "tool_choice", to: 1 },
    { change: "replace", path: "reasoning.effort", from: "low", to: "high" },
    { change: "replace", path: "extra_body.google.level", from: "low", to: "high" },
  ];
  expect(applyCorrections(body, strangers)).toBe(body);
  const { tools: _, ...toolless } = body;
  expect(applyCorrections(toolless, [{ change: "drop", path: "reasoning", withTools: true }])).toBe(toolless);
});

test("corrections are applied one after the other", () => {
  const chain: Correction[] = [
    { change: "replace", path: "tool_choice", from: { type: "function" }, to: "required" },
    { change: "replace", path: "tool_choice", from: "required", to: "auto" },
    { change: "drop", path: "tool_choice", from: "auto" },
  ];
  expect(applyCorrections(body, chain)).not.toHaveProperty("tool_choice");
});

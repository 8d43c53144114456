import { expect, test } from "bun:test";
import { extraFields, reasoningFields } from "../../src/catalog/backend-fields.ts";

test("a field of a backend or of one of its models is listed once, by its name in the body", () => {
  expect(reasoningFields).toEqual(
    expect.arrayContaining(["reasoning", "reasoning_effort", "thinking", "enable_thinking"]),
  );
  expect(extraFields).toEqual(
    expect.arrayContaining(["thinking_budget", "reasoning_split", "prompt_mode", "tool_stream"]),
  );
  for (const names of [reasoningFields, extraFields]) expect(new Set(names).size).toBe(names.length);
});

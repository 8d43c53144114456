import { expect, test } from "bun:test";
import { suggestSmall } from "../../src/plan/suggest-small.ts";

test("a relative with a word for small is suggested, the smallest first", () => {
  const models = [
    { id: "gpt-5.4-mini" },
    { id: "gpt-5.4-nano" },
    { id: "gpt-5.4-nano-2026" },
    { id: "other-nano" },
  ];
  expect(suggestSmall("gpt-5.4", models)).toBe("gpt-5.4-nano");
  expect(suggestSmall("qwen3", models)).toBeUndefined();
});

import { describe, expect, test } from "bun:test";
import { findFor, full, openai } from "../../support/refusals.ts";

test.each([
  ["max_tokens is too large: expected a value <= 12288", 12_288],
  ["The requested max_tokens 20000 exceeds the model limit of 12288", 12_288],
  ["max_tokens must be less than 8193", 8192],
  ["max_tokens (20000) is greater than the maximum allowed 4096", 4096],
  ["Invalid max_tokens: must be between 1 and 16384", 16_384],
  ["maxOutputTokens must be in the range [1, 8,192]", 8192],
  ["This model can generate at most 4096 output tokens", 4096],
  ["max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens", 8192],
  ["Completion tokens are capped at 5000", 5000],
  ["max_tokens may not be above 4,096.", 4096],
  ["Value 20000 for max_tokens is out of range; allowed range: 1-8192", 8192],
  ["max_tokens must lie in 1..8192", 8192],
  ["max_tokens: 8192 is the most this model can write", 8192],
  ["The model supports a maximum completion length of 8192 tokens", 8192],
  ["maximum allowed max_tokens is 8192, received 20000", 8192],
  ["Output length cannot exceed 8192 tokens", 8192],
  ["Please set max_tokens to 8192 or lower", 8192],
  ["max_tokens 参数非法：最大值为 8192", 8192],
])("%s", (message, to) => {
  expect(findFor(400, openai(message), full)).toEqual({ change: "cap", path: "max_tokens", to });
});

test("numbers that are no bound, or higher than what was sent, mean nothing", () => {
  for (const message of [
    "max_tokens is 20000, which is odd, see error 4711",
    "max_tokens must be at most 99999",
    "max_tokens must be at least 16000",
    "Error code: 400 - max_tokens exceeds the limit of gpt-4096",
    "beside max_tokens, top_p must be <= 1",
  ])
    expect(findFor(400, openai(message), full)?.change).not.toBe("cap");
});

describe("a limit that is too low", () => {
  const probe = { ...full, max_tokens: 1 };
  const raised = (message: string, body = probe) => {
    const found = findFor(400, openai(message), body);
    return found?.change === "adopt" ? found.quirks : undefined;
  };
  test.each([
    "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
    "max_tokens must be at least 16",
    "max_completion_tokens must be greater than or equal to 16",
    "max_tokens should be greater than 15",
    "max_tokens must not be less than 16",
    "The minimum value of max_tokens is 16",
  ])("%s", (message) => {
    expect(raised(message)).toEqual({ request: { minTokens: 16 } });
    expect(raised(message, full)).toBeUndefined();
  });

  test("a least number of something else", () => {
    expect(raised("max_tokens must be greater than thinking.budget_tokens, at least 1024")).toBeUndefined();
    expect(raised("stop must have at least 16 letters")).toBeUndefined();
  });
});

/** Clients parse these words; a change here breaks them. */
import { expect, test } from "bun:test";
import {
  describeLongAnswer,
  describeLongPrompt,
  describeMissingBeta,
  describeUnmeasuredPrompt,
  describeUnusableMedia,
} from "../../src/anthropic/write-refusal.ts";

test("a prompt over the window has two numbers, where they are known", () => {
  expect(describeLongPrompt(13392, 8192)).toBe("prompt is too long: 13392 tokens > 8192 maximum");
  expect(describeUnmeasuredPrompt("the backend says so")).toBe("prompt is too long: the backend says so");
});

test("prompt and answer over the window have three numbers", () => {
  expect(describeLongAnswer(188_240, 21_333, 200_000)).toBe(
    "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
  );
});

test("unusable media and missing betas are named", () => {
  expect(describeUnusableMedia("image", "too large")).toBe("Could not process image: too large");
  expect(describeMissingBeta("x-2026-01-01")).toBe("capability_rejected: beta_header:x-2026-01-01");
});

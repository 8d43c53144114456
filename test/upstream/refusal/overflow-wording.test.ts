import { describe, expect, test } from "bun:test";
import { commonQuirks } from "../../../src/catalog/quirks.ts";
import { isOverflow } from "../../../src/upstream/refusal/overflow-wording.ts";
import { readFault } from "../../../src/upstream/refusal/read-fault.ts";
import { readOverflow } from "../../../src/upstream/refusal/read-overflow.ts";
import { otherWordings } from "../../fixtures/wordings/no-overflow.ts";
import { overflowWordings } from "../../fixtures/wordings/overflow.ts";

test.each(overflowWordings)("%s, %i: %s is an overflow", (_source, status, text) => {
  expect(isOverflow(status, text)).toBe(true);
});

test.each(otherWordings)("%s, %i: %s is not an overflow", (_source, status, text) => {
  expect(isOverflow(status, text)).toBe(false);
});

describe("whatever a gateway does to the words", () => {
  const frames: readonly ((text: string) => string)[] = [
    (text) => text.toUpperCase(),
    (text) => `400 ${text}`,
    (text) => `Provider returned error: ${text} (request id: 2025052708305369174592432902753)`,
    (text) => `litellm.BadRequestError: OpenAIException - ${text}\nReceived Model Group=big`,
    (text) => `Upstream failed. ${text}`,
    (text) => text.replaceAll("'", "’"),
  ];
  const endings = [
    ", please wait before trying again.",
    " per minute. Slow down.",
    ". You exceeded your quota.",
    ". Rate limit reached.",
  ];

  test.each(frames.map((frame) => [frame("…"), frame] as const))("%s", (_name, frame) => {
    const missed = overflowWordings.filter(([, status, text]) => !isOverflow(status, frame(text)));
    const mistaken = otherWordings.filter(([, status, text]) => isOverflow(status, frame(text)));
    expect(missed).toEqual([]);
    expect(mistaken).toEqual([]);
  });

  test.each(endings)("a rate limit is not an overflow: %s", (ending) => {
    expect(overflowWordings.filter(([, status, text]) => isOverflow(status, text + ending))).toEqual([]);
  });

  test.each([401, 402, 403, 429, 504])("%i is about keys, money or time", (status) => {
    expect(overflowWordings.filter(([, , text]) => isOverflow(status, text))).toEqual([]);
  });
});

test("the message says whether the prompt or the answer is too long", () => {
  for (const [, status, text] of overflowWordings) {
    const overflow = readOverflow(status, readFault({ error: { message: text } }, commonQuirks));
    expect(overflow?.message).toMatch(/^prompt is too long: .|^input length and `max_tokens` exceed/);
  }
});

test("any text is judged in bounded time", () => {
  for (const word of [
    "input ",
    "input exceeds ",
    "max tokens ",
    "1234 ",
    "prompt (",
    "context tokens limit ",
  ]) {
    expect(isOverflow(400, word.repeat(10_000 / word.length))).toBeBoolean();
  }
});

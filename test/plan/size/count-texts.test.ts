import { expect, test } from "bun:test";
import { estimateText } from "../../../src/lib/estimate-text.ts";
import { countText } from "../../../src/lib/tokenizer.ts";
import { createTextCounts } from "../../../src/plan/size/count-texts.ts";

const hard = Buffer.from("A text that is hard to estimate").toString("base64").repeat(300);

test("texts that were counted once are exact in the next estimate", async () => {
  const counts = createTextCounts();
  const truth = await countText(hard);
  expect(await counts.count([[hard, hard]], "o200k")).toMatchObject({ tokens: 2 * truth, guessed: 0 });
  expect(counts.estimate([[hard]], "o200k")).toMatchObject({ tokens: truth, guessed: 0 });
  expect(estimateText(hard)).not.toBe(truth);
});

test("new texts are estimated with a sample, if the vocabulary is loaded", async () => {
  const truth = await countText(hard);
  const { tokens, guessed } = createTextCounts().estimate([[hard]], "o200k");
  expect(guessed).toBe(tokens);
  expect(Math.abs(tokens / truth - 1)).toBeLessThan(Math.abs(estimateText(hard) / truth - 1));
});

test("only uncounted texts have characters left to count", async () => {
  const counts = createTextCounts();
  expect(counts.uncounted([["abc", "de"]], "o200k")).toBe(5);
  await counts.count([["abc"]], "o200k");
  expect(counts.uncounted([["abc", "de"]], "o200k")).toBe(2);
});

test("vocabularies are kept apart", async () => {
  const counts = createTextCounts();
  const text = "これは、数が違う文です。".repeat(30);
  const [newer, older] = [await counts.count([[text]], "o200k"), await counts.count([[text]], "cl100k")];
  expect(newer.tokens).not.toBe(older.tokens);
  expect(counts.estimate([[text]], "cl100k")).toEqual(older);
});

test("what a list adds up to is known from its first complete count", async () => {
  const counts = createTextCounts();
  const [list, other] = [["Some words", hard], ["Other words"]];
  const before = counts.estimate([list, other], "o200k");
  expect(before.guessed).toBeGreaterThan(0);
  const counted = await counts.count([list, other], "o200k");
  expect(counts.estimate([list, other], "o200k")).toEqual(counted);
  expect(counts.estimate([list, other], "o200k")).toEqual(counted);
  expect(counts.uncounted([list, other], "o200k")).toBe(0);
  const single = counts.estimate([list], "o200k").tokens + counts.estimate([other], "o200k").tokens;
  expect(Math.abs(single - counted.tokens)).toBeLessThanOrEqual(1);
});

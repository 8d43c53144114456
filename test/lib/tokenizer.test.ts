import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encode as encodeCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { countNow, countText } from "../../src/lib/tokenizer.ts";

const asOrdinaryText = { disallowedSpecial: new Set<string>() };
const truth = (text: string): number => encode(text, asOrdinaryText).length;

describe("countText", () => {
  test("counts as o200k does", async () => {
    expect(await countText("")).toBe(0);
    expect(await countText("hello world")).toBe(2);
    const source = await Bun.file(import.meta.path).text();
    expect(await countText(source)).toBe(truth(source));
  });

  test("counts as cl100k does on request", async () => {
    const source = await Bun.file(import.meta.path).text();
    for (const text of [source, "它们don't", "We'LL see: 12345 / 67\r\n\r\n  end"])
      expect(await countText(text, "cl100k")).toBe(encodeCl100k(text, asOrdinaryText).length);
  });

  test("counts a short text at once when the vocabulary is loaded", async () => {
    await countText("a");
    expect(countNow("hello world", "o200k")).toBe(2);
  });

  test("special tokens are ordinary text", async () => {
    const text = "<|endoftext|> a <|im_start|>system<|fim_prefix|><|endofprompt|>";
    expect(await countText(text)).toBe(truth(text));
    expect(await countText("<|endoftext|>")).toBeGreaterThan(1);
  });

  test("any text is counted unchanged, even half of a surrogate pair", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
        expect(await countText(text)).toBe(truth(text));
        expect(await countText(text, "cl100k")).toBe(encodeCl100k(text, asOrdinaryText).length);
      }),
    );
    expect(await countText("\ud83d")).toBeGreaterThan(0);
  });

  // Without the cuts each of these takes minutes, and the test runner's limit ends it.
  const runs = { letters: "a", ideographs: "的", spaces: " ", "blank lines": " \n", signs: "=", emoji: "😀" };
  for (const [name, unit] of Object.entries(runs)) {
    test(`a megabyte of ${name}`, async () => {
      const whole = await countText(unit.repeat(1_000_000 / unit.length));
      const part = truth(unit.repeat(1000 / unit.length));
      expect(whole / (part * 1000)).toBeGreaterThan(0.5);
      expect(whole / (part * 1000)).toBeLessThan(1.5);
    });
  }

  test("a long text is sampled, and close to its count", async () => {
    const line = "The quick brown fox jumps over the lazy dog, 42 times.\n";
    const times = 60_000;
    const expected = truth(line) * times;
    expect(Math.abs((await countText(line.repeat(times))) / expected - 1)).toBeLessThan(0.01);
  });

  test("other work continues while a long text is counted", async () => {
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    await countText("word ".repeat(100_000));
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(0);
  });
});

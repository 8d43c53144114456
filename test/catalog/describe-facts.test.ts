import { expect, test } from "bun:test";
import { describeFacts, shortenDollars } from "../../src/catalog/describe-facts.ts";

test.each([
  [{ contextWindow: 400_000, price: { input: 1.25, output: 10 } }, "400k · $1.25/$10"],
  [{ contextWindow: 1_048_576, price: { input: 0, output: 0 } }, "1M · free"],
  [{ contextWindow: 999_999 }, "1M"],
  [{ contextWindow: 2_500_000 }, "2.5M"],
  [{ contextWindow: 512 }, "512"],
  [{ price: { input: 0.05, output: 0.4 } }, "$0.05/$0.4"],
  [{}, ""],
  [undefined, ""],
])("%j is %j", (facts, words) => {
  expect(describeFacts(facts)).toBe(words);
});

test("prices lose the noise of their arithmetic", () => {
  expect(shortenDollars(0.1 + 0.2)).toBe("0.3");
});

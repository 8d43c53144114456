/** What the backend's list says about a model, in the few words that a picker has room for. */
import type { ModelFacts } from "./models.ts";

/** `400k · $1.25/$10`: the window in tokens, and dollars for a million tokens in and out; "" if nothing is known. */
export function describeFacts(facts: Pick<ModelFacts, "contextWindow" | "price"> | undefined): string {
  const { contextWindow, price } = facts ?? {};
  return [
    ...(contextWindow === undefined ? [] : [shortenTokens(contextWindow)]),
    ...(price === undefined ? [] : [describePrice(price)]),
  ].join(" · ");
}

/** A number of tokens as people say it: `400k`, `1M`. */
function shortenTokens(tokens: number): string {
  if (tokens < 1000) return String(tokens);
  return tokens < 999_500 ? `${Math.round(tokens / 1000)}k` : `${Number((tokens / 1_000_000).toFixed(1))}M`;
}

function describePrice({ input, output }: NonNullable<ModelFacts["price"]>): string {
  return input === 0 && output === 0 ? "free" : `$${shortenDollars(input)}/$${shortenDollars(output)}`;
}

/** At most four decimals, and none that say nothing. */
export function shortenDollars(price: number): string {
  return String(Number(price.toFixed(4)));
}

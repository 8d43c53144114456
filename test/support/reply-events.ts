/** Replies as lists of events, for tests of what happens between a reader and a writer. */
import fc from "fast-check";
import type { ReplyEvent, SearchResult } from "../../src/reply.ts";

export const said = (text: string): ReplyEvent => ({ type: "text-delta", text });
export const finished: ReplyEvent = { type: "finish", reason: "stop" };
export const used: ReplyEvent = {
  type: "usage",
  usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 },
};
export const callOf = (lane: number): ReplyEvent[] => [
  { type: "tool-start", lane, id: `c${lane}`, name: "t" },
  { type: "tool-delta", lane, json: "{}" },
  { type: "tool-end", lane },
];

export const foundPage = (url: string, title: string): SearchResult => ({
  url,
  title,
  snippet: `Read at ${title}`,
  age: undefined,
});
export const searchOf = (found: readonly SearchResult[] | "unavailable"): ReplyEvent => ({
  type: "web-search",
  query: "q",
  found,
});

/** Texts, thoughts, calls and searches in any order; every cited page was found, before or after. */
export function factsWithSearch(): fc.Arbitrary<ReplyEvent[]> {
  const pages = ["a", "b", "c"].map((name) => foundPage(`https://${name}.example/`, name));
  const step = fc.oneof(
    fc
      .string({ unit: fc.constantFrom("x", " ", "\n", "é") })
      .map((text) => ({ kind: "text" as const, text })),
    fc.subarray(pages).map((found) => ({ kind: "search" as const, found })),
    fc.constantFrom(...pages).map((page) => ({ kind: "cite" as const, page })),
    fc.constantFrom("call", "think", "refuse").map((kind) => ({ kind })),
  );
  return fc.array(step, { maxLength: 20 }).map((steps) => {
    const facts = steps.flatMap((step, lane): ReplyEvent[] => {
      if ("text" in step) return [said(step.text)];
      if ("found" in step) return [searchOf(step.found)];
      if ("page" in step) return [{ type: "citation", page: step.page }];
      if (step.kind === "call") return callOf(lane);
      return step.kind === "think" ? [{ type: "thinking-delta", text: "Hm" }] : [searchOf("unavailable")];
    });
    return facts.some(({ type }) => type === "citation") ? [...facts, searchOf(pages)] : facts;
  });
}

/** Joins adjacent texts. */
export function joinTexts(events: readonly ReplyEvent[]): ReplyEvent[] {
  const joined: ReplyEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === "text-delta" && last?.type === "text-delta")
      joined[joined.length - 1] = said(last.text + event.text);
    else joined.push(event);
  }
  return joined;
}

/** The text in pieces, and a reply that ends after it, in batches of any size. */
export function repliesOf(
  text: fc.Arbitrary<string>,
): fc.Arbitrary<{ text: string; batches: ReplyEvent[][] }> {
  return fc
    .record({
      text,
      cuts: fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    })
    .map(({ text, cuts, sizes }) => {
      const events: ReplyEvent[] = [];
      for (let at = 0; at < text.length; ) {
        const length = Number(cuts.next().value);
        events.push(said(text.slice(at, at + length)));
        at += length;
      }
      events.push(finished);
      const batches: ReplyEvent[][] = [];
      while (events.length > 0) batches.push(events.splice(0, Number(sizes.next().value)));
      return { text, batches };
    });
}

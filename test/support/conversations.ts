/** Random conversations, for property tests of what they become. */
import fc from "fast-check";
import { call, image, marked, result, text } from "./chat-requests.ts";

type Message = { role: "user" | "assistant" | "system"; content: object[] };

const exchange = fc.record({
  texts: fc.nat(2),
  ids: fc.constantFrom("toolu_", "functions.read:", `call_${"x".repeat(40)}`),
  /** For each call, whether its result is there, with an image, or missing. */
  calls: fc.array(fc.constantFrom("text", "picture", "none"), { maxLength: 3 }),
  isReversed: fc.boolean(),
  hasOrphan: fc.boolean(),
  after: fc.array(fc.constantFrom<"user" | "system" | "split">("user", "system", "split"), { maxLength: 3 }),
  isMarked: fc.boolean(),
});

/**
 * A conversation in which every text is a different word.
 * @param think the blocks that an answer begins with
 */
export function generatedConversation(think: (turn: number) => readonly object[] = () => []) {
  return fc
    .array(exchange, { minLength: 1, maxLength: 6 })
    .map((exchanges) => writeConversation(exchanges, think));
}

type Exchange = typeof exchange extends fc.Arbitrary<infer One> ? One : never;

function writeConversation(exchanges: readonly Exchange[], think: (turn: number) => readonly object[]) {
  let words = 0;
  const word = () => `word${words++};`;
  const messages: Message[] = [{ role: "user", content: [text(word())] }];
  for (const [n, { texts, ids, calls, isReversed, hasOrphan, after, isMarked }] of exchanges.entries()) {
    const mark = isMarked ? marked : {};
    const id = (c: number) => `${ids}${n}_${c}`;
    messages.push({
      role: "assistant",
      content: [
        ...think(n),
        ...Array.from({ length: Math.max(texts, calls.length === 0 ? 1 : 0) }, () => text(word())),
        ...calls.map((_, c) => call(id(c))),
      ],
    });
    const results = calls.flatMap((kind, c) =>
      kind === "none" ? [] : [result(id(c), [text(word()), ...(kind === "picture" ? [image] : [])], mark)],
    );
    if (isReversed) results.reverse();
    if (hasOrphan) results.push(result(`lost_${n}`, word()));
    let last: Message = { role: "user", content: results };
    messages.push(last);
    for (const kind of after) {
      if (kind !== "user") {
        last = { role: kind === "system" ? "system" : "user", content: [] };
        messages.push(last);
      }
      last.content.push(text(word(), mark));
    }
  }
  return { messages, words };
}

/** Random answers of `/responses`, for property tests. */
import fc from "fast-check";
import type { FakeItem, FakeResponse } from "./responses-replies.ts";

const prose = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => text.isWellFormed() && /^[^\s<◁[]/u.test(text));
const item: fc.Arbitrary<FakeItem> = fc.oneof(
  fc.array(prose, { maxLength: 2 }).map((summary) => ({ type: "reasoning" as const, summary })),
  fc.record({
    type: fc.constant("message" as const),
    text: prose,
    phase: fc.constantFrom("commentary" as const, "final_answer" as const),
  }),
  fc.record({
    type: fc.constant("call" as const),
    id: fc.uuid().map((id) => `call_${id.replaceAll("-", "")}`),
    name: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,20}$/),
    arguments: fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))
      .map((input) => JSON.stringify(input)),
  }),
);
/** A whole answer of `/responses`, with its items in any order. */
export function generatedResponse(): fc.Arbitrary<FakeResponse> {
  return fc.record({
    items: fc.array(item, { minLength: 1, maxLength: 8 }),
    model: fc.constant("gpt-5.4"),
    pieces: fc.integer({ min: 1, max: 9 }),
    mixed: fc.boolean(),
    usage: fc.record({ input: fc.integer({ min: 1, max: 9999 }), output: fc.integer({ min: 1, max: 9999 }) }),
  });
}

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createArgumentGuard, normalizeArguments } from "../../src/anthropic/guard-arguments.ts";
import { isObject } from "../../src/lib/json.ts";

/** Feeds pieces and returns the whole output. */
function guarded(pieces: readonly string[], schema?: Record<string, unknown>): string {
  const guard = createArgumentGuard(schema);
  return pieces.map((piece) => guard.push(piece)).join("") + guard.end();
}

const letters = (text: string) => [...text].flatMap((character) => character.split(""));

const repaired: [name: string, given: string, left: string][] = [
  ["nothing", "", "{}"],
  ["white space", "  \n", "{}"],
  ["null", "null", "{}"],
  ["an empty string as JSON", '""', "{}"],
  ["prose before the object", 'Sure: {"a":1}', '{"a":1}'],
  ["an object inside a string", '"{\\"a\\":1}"', '{"a":1}'],
  ["an array", "[1]", '{"value":[1]}'],
  ["a scalar", "5", '{"value":5}'],
  ["only prose", "no idea", '{"_raw_arguments":"no idea"}'],
  ["names of inherited properties", '{"a":constructor}', '{"_raw_arguments":"{\\"a\\":constructor}"}'],
  [
    "nesting that no client can read",
    `[${"[".repeat(50_000)}`,
    `{"_raw_arguments":"[${"[".repeat(50_000)}"}`,
  ],
  ["keys without quotes", "{a:1}", '{"_raw_arguments":"{a:1}"}'],
];

describe("the output is one JSON object", () => {
  for (const [name, given, left] of repaired) {
    test(name, () => {
      expect(guarded([given])).toBe(left);
      expect(guarded(letters(given))).toBe(left);
    });
  }

  test("any text that does not begin an object becomes a whole one", () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom("{", "}", '"', " ", "[1]", "null", '{"a":1}'), fc.string()),
    );
    fc.assert(
      fc.property(pieces, (given) => {
        fc.pre(!given.join("").trimStart().startsWith("{"));
        expect(isObject(JSON.parse(guarded(given)))).toBe(true);
      }),
    );
  });

  test("a null that the tool's schema forbids is removed", () => {
    const schema = { properties: { text: { type: "string" } } };
    expect(guarded(['{"text":null,"other":null}'], schema)).toBe('{"other":null}');
  });
});

test("arguments that come in one piece are repaired by the same rules", () => {
  expect(normalizeArguments('"\\"{\\\\\\"a\\\\\\":1}\\""')).toBe('{"a":1}');
  expect(normalizeArguments('Here: {"a":1} as asked')).toBe('{"a":1}');
});

test("nesting that no client can read ends the arguments where it becomes too deep", () => {
  const left = guarded([`{"a":1,"b":${"[".repeat(50_000)}`]);
  expect(left).toBe(`{"a":1,"b":${"[".repeat(499)}`);
});

test("a piece that passes is sent as it is, and what follows does not depend on it", () => {
  const unit = fc.constantFrom(
    "a",
    "é",
    "🚀",
    "\n",
    "\\",
    '"',
    "'",
    "/",
    "\\n",
    '\\"',
    "\\u00",
    "{",
    ":",
    ",",
    "}",
    "1",
  );
  const text = fc.string({ unit, maxLength: 6 });
  const value = fc.oneof(text, fc.array(text, { maxLength: 2 }));
  const json = fc
    .dictionary(fc.constantFrom("text", "count"), value, { minKeys: 1 })
    .map((input) => JSON.stringify(input));
  const pieces = fc.tuple(json, fc.array(text)).chain(([whole, more]) =>
    fc.array(fc.nat(whole.length), { maxLength: 8 }).map((cuts) => {
      const places = [0, ...cuts, whole.length].sort((a, b) => a - b);
      return [...places.map((place, at) => whole.slice(places[at - 1] ?? 0, place)), ...more];
    }),
  );
  const schema = { type: "object", properties: { text: { type: "string" }, count: { type: "integer" } } };
  let passed = 0;
  fc.assert(
    fc.property(pieces, fc.constantFrom(undefined, schema), (pieces, schema) => {
      const pushed = createArgumentGuard(schema);
      const skipped = createArgumentGuard(schema);
      for (const piece of pieces) {
        const passes = skipped.passes([JSON.stringify(piece).slice(1, -1)]);
        const out = pushed.push(piece);
        if (passes) passed += piece === "" ? 0 : 1;
        expect(passes ? piece : skipped.push(piece)).toBe(out);
        expect(skipped.state).toBe(pushed.state);
      }
      expect(skipped.end()).toBe(pushed.end());
    }),
    { numRuns: 1000 },
  );
  expect(passed).toBeGreaterThan(100);
});

test("pieces pass together if each of them does", () => {
  const guard = createArgumentGuard();
  guard.push('{"text":"');
  const piece = fc
    .array(fc.constantFrom("a", "é", "\\\\n", "\\\\", "\\", "n", '\\"', "/", ""))
    .map((all) => all.join(""));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) =>
      expect(guard.passes(pieces)).toBe(pieces.every((one) => guard.passes([one]))),
    ),
  );
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "../../../../src/lib/json.ts";
import { ChunkParser } from "../../../../src/upstream/openai-chat/reply/parse-chunk.ts";

const outer = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1760000000, usage: null };
const chunk = (delta: unknown, more: object = {}) => ({
  ...outer,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  ...more,
});
const call = (json: unknown, more: object = {}) =>
  chunk({ tool_calls: [{ index: 0, function: { arguments: json, ...more } }] });

/** Text that JSON writes in many ways. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "\n", "u", "{", "}", ",", "x", "content", ":"),
    maxLength: 8,
  }),
);
const delta = fc.oneof(
  text.map((content) => chunk({ content })),
  text.map((content) => chunk({ role: "assistant", content })),
  text.map((reasoning) => chunk({ content: null, reasoning, reasoning_content: reasoning })),
  text.map((json) => call(json)),
  fc
    .tuple(text, text)
    .map(([content, json]) => chunk({ content, tool_calls: [{ function: { arguments: json } }] })),
  fc
    .tuple(text, text)
    .map(([content, other]) => chunk({ content }, { choices: [{ delta: { content: other } }] })),
  fc.tuple(text, text).map(([content, padding]) => chunk({ content }, { content: padding })),
  fc.tuple(text, text).map(([content, message]) => chunk({ content, message: { content: message } })),
  fc.tuple(text, fc.integer()).map(([content, created]) => chunk({ content }, { created })),
  text.map((content) => chunk({ content }, { usage: { prompt_tokens: 1 } })),
  fc
    .tuple(text, fc.oneof(text, fc.string({ unit: fc.constantFrom("a", "Z", "0"), maxLength: 4 })))
    .map(([content, obfuscation]) => chunk({ content }, { obfuscation })),
  fc.tuple(text, text).map(([content, x]) => chunk({ content }, { x: { y: x } })),
);
const written = fc
  .tuple(delta, fc.constantFrom<undefined | number>(undefined, 0, 1), fc.boolean())
  .map(([value, indent, isEscaped]) => {
    const json = JSON.stringify(value, null, indent).replaceAll(/\n\s*/g, " ");
    return isEscaped ? json.replaceAll(/[^\x20-\x7e]/g, writeEscape) : json;
  });
const writeEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
/** A chunk with some characters replaced, which may or may not be JSON. */
const damaged = fc
  .tuple(written, fc.nat(), fc.constantFrom("", '"', "\\", "{", ",", "\n", "\u0001", "\\u12", "\\/"))
  .map(([json, at, put]) => {
    const place = at % (json.length + 1);
    return json.slice(0, place) + put + json.slice(place + (at % 2));
  });

test("any stream of chunks is read as if each was parsed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: written }, damaged), { maxLength: 12 }),
      (lines) => {
        const parser = new ChunkParser();
        for (const line of [...lines, ...lines]) expect(parser.parse(line)).toEqual(parseJson(line));
      },
    ),
    { numRuns: 400 },
  );
});

test("pieces that are valid in one place only are not confused", () => {
  const shared = '{"choices":[{"delta":{"content":"';
  const lines = ['a"}}]}', 'b"}}],"x":"c"}}]}', 'd\\"}}]}', 'e\\\\"}}]}', 'f\n"}}]}', 'g","content":"h"}}]}'];
  const parser = new ChunkParser();
  for (const line of lines) expect(parser.parse(shared + line)).toEqual(parseJson(shared + line));
});

describe("a chunk like the one before", () => {
  const json = (value: unknown) => JSON.stringify(value);
  test.each([
    ["text", (word: string) => chunk({ content: word })],
    ["reasoning", (word: string) => chunk({ reasoning_content: word })],
    ["arguments", (word: string) => call(word)],
  ])("of %s is not parsed again", (_, make) => {
    const parser = new ChunkParser();
    parser.parse(json(make("a")));
    // The same object shows that nothing was parsed.
    const second = parser.parse(json(make("b")));
    expect(parser.parse(json(make('c"\\\n')))).toBe(second);
    expect(second).toEqual(make('c"\\\n'));
  });

  test("is not parsed again for other padding at its end", () => {
    const parser = new ChunkParser();
    const padded = (content: string, obfuscation: string) => json(chunk({ content }, { obfuscation }));
    parser.parse(padded("a", "x"));
    const second = parser.parse(padded("b", "abc"));
    expect(parser.parse(padded("c", ""))).toBe(second);
    expect(second).toEqual(chunk({ content: "c" }, { obfuscation: "" }));
  });

  test("is not parsed again after another one", () => {
    const parser = new ChunkParser();
    parser.parse(json(chunk({ content: "a" })));
    const second = parser.parse(json(chunk({ content: "b" })));
    parser.parse(json(chunk({}, { usage: { prompt_tokens: 1 } })));
    expect(parser.parse(json(chunk({ content: "c" })))).toBe(second);
  });

  test("is parsed when anything else differs", () => {
    const parser = new ChunkParser();
    const first = parser.parse(json(chunk({ content: "a" })));
    expect(parser.parse(json(chunk({ content: "b" }, { created: 1 })))).not.toBe(first);
  });

  test("is not looked for in a stream that never repeats itself", () => {
    const parser = new ChunkParser();
    for (let created = 0; created < 10; created++) parser.parse(json(chunk({ content: "a" }, { created })));
    const one = json(chunk({ content: "a" }));
    parser.parse(one);
    expect(parser.parse(one)).not.toBe(parser.parse(one));
  });
});

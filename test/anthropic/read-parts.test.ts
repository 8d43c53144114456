import { expect, test } from "bun:test";
import fc from "fast-check";
import { readPart, readParts, withParts } from "../../src/anthropic/read-parts.ts";
import { messagesRequest } from "../../src/anthropic/wire.ts";

const text = { type: "text", text: "x" };
const message = fc.constantFrom<unknown>(
  { role: "user", content: "Hi" },
  { role: "assistant", content: [text, { type: "unheard" }] },
  { role: "system", output_config: { effort: "low" } },
  { role: "nobody", content: "Hi" },
  { role: "user" },
  "Hi",
);
const tool = fc.constantFrom<unknown>({ name: "A", input_schema: {} }, { type: "bash_20250124" }, {}, null);
const system = fc.constantFrom<unknown>("You are.", [text, text], [{ type: "image" }], [], null, 7);
const body = fc.record({
  model: fc.constantFrom<unknown>("m", ""),
  max_tokens: fc.constant(1),
  messages: fc.oneof(fc.array(message, { maxLength: 4 }), fc.constantFrom<unknown>(null, "Hi")),
  tools: fc.oneof(fc.array(tool, { maxLength: 3 }), fc.constantFrom<unknown>(null, 1)),
  system,
});

test("item by item, the same is valid as in one piece, early in a process and later", () => {
  fc.assert(
    fc.property(body, (value) => {
      const whole = messagesRequest.safeParse(value).data;
      const read = { ...value };
      const isRead = readParts(read);
      expect(isRead ? withParts.messages.safeParse(read).data : undefined).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

test("only lists that were read are taken, and items that are known as they are", () => {
  const user = readPart("messages", { role: "user", content: [text] });
  const request = { model: "m", max_tokens: 1, messages: [user] };
  expect(withParts.messages.safeParse(request).success).toBe(false);
  const read = { ...request };
  expect(readParts(read)).toBe(true);
  expect(Object.is(withParts.messages.parse(read).messages[0], user)).toBe(true);
});

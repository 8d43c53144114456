import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cutAttachments } from "../../src/anthropic/cut-attachments.ts";
import { createKnownParts, type KnownParts } from "../../src/anthropic/known-parts.ts";
import { readMessagesRequest } from "../../src/anthropic/read-request.ts";
import { toProxyError } from "../../src/errors.ts";
import { bodyOf } from "../support/bodies.ts";

const long = "The “quick” brown fox, naïve. ".repeat(100);
const user = { role: "user", content: long };
const assistant = { role: "assistant", content: [{ type: "text", text: long }] };
const tool = { name: "Read", description: long, input_schema: { type: "object" } };
const block = { type: "text", text: long };
const body = {
  model: "m",
  max_tokens: 1,
  system: [block],
  tools: [tool],
  messages: [user, assistant, { role: "user", content: "So?" }],
};
const json = JSON.stringify(body);

/** The request, or the words of the refusal. */
const read = (text: string, parts?: KnownParts): unknown => readBytes(Buffer.from(text), parts);

function readBytes(bytes: Uint8Array, parts?: KnownParts): unknown {
  try {
    return readMessagesRequest(cutAttachments(bytes), parts);
  } catch (thrown) {
    return toProxyError(thrown).message;
  }
}

test("a part that came before is the same object", () => {
  const parts = createKnownParts(100_000);
  const first = readMessagesRequest(bodyOf(json), parts);
  const second = readMessagesRequest(bodyOf(json.replace("So?", "And?")), parts);
  expect(second.messages[0]).toBe(first.messages[0]);
  expect(second.tools?.[0]).toBe(first.tools?.[0]);
  expect(second.system?.[0]).toBe(first.system?.[0]);
  expect(second.messages[2]).not.toEqual(first.messages[2]);
  expect(first).toEqual(readMessagesRequest(bodyOf(json)));
});

test("what came before is recognized around what is new, changed or gone", () => {
  const parts = createKnownParts(1_000_000);
  const say = (words: string) => ({ role: "user", content: `${words} ${long}` });
  const tools = ["A", "B", "C"].map((name) => ({ ...tool, name }));
  const readOf = (...messages: object[]) => {
    const text = JSON.stringify({ ...body, messages, tools });
    const request = readMessagesRequest(bodyOf(text), parts);
    expect(request).toEqual(readMessagesRequest(bodyOf(text)));
    return request;
  };
  const first = readOf(say("1"), say("2"), say("3"));
  const second = readOf(say("1"), say("new"), say("3"), say("4"));
  const third = readOf(say("3"), say("1"), say("4"));
  expect(second.messages[0]).toBe(first.messages[0]);
  expect(second.messages[2]).toBe(first.messages[2]);
  expect(third.messages[2]).toBe(second.messages[3]);
  expect(third.tools?.[2]).toBe(first.tools?.[2]);
});

test("one object is never in two places", () => {
  const parts = createKnownParts(100_000);
  const { messages } = readMessagesRequest(
    bodyOf(JSON.stringify({ ...body, messages: [user, user, user] })),
    parts,
  );
  expect(new Set(messages).size).toBe(3);
  expect(messages[1]).toEqual(messages[0]);
});

test("parts seen long ago are forgotten", () => {
  const parts = createKnownParts(Buffer.byteLength(JSON.stringify(assistant)));
  const only = (message: object) => JSON.stringify({ ...body, system: [], tools: [], messages: [message] });
  const first = readMessagesRequest(bodyOf(only(user)), parts);
  expect(readMessagesRequest(bodyOf(only(user)), parts).messages[0]).toBe(first.messages[0]);
  readMessagesRequest(bodyOf(only(assistant)), parts);
  expect(readMessagesRequest(bodyOf(only(user)), parts).messages[0]).not.toBe(first.messages[0]);
});

describe("the general way is taken for", () => {
  const inTools = json.replace(JSON.stringify(tool), JSON.stringify(user));
  const key = json.replace(JSON.stringify(user), `{${JSON.stringify(user)}:1}`);
  test.each([
    ["a message among the tools", inTools],
    ["a part in the place of a name", key],
    ["a list that comes twice", json.replace('"messages":', '"messages":[],"messages":')],
    ["a list that comes twice, the last one empty", json.replace(/\}$/, ',"messages":[]}')],
    ["a name that only looks like one", json.replace('"messages":', '"x\\"messages":')],
    ["a body that ends early", json.slice(0, -1)],
    ["a body that goes on", `${json}}`],
    ["a list of parts outside an object", `[${json}]`],
    ["a part that is not valid", json.replace('"role":"assistant"', '"role":"nobody"')],
    ["too many messages beside it", json.replace('"messages":[', `"messages":[${"0,".repeat(100_000)}`)],
    ["a message that is not valid beside it", json.replace('"messages":[', '"messages":[0,')],
    ["another field that is not valid", json.replace('"max_tokens":1', '"max_tokens":"1"')],
  ])("%s", (_, text) => {
    const parts = createKnownParts(100_000);
    read(json, parts);
    expect(read(text, parts)).toEqual(read(text));
    expect(read(text, parts)).toEqual(read(text));
  });
});

/** JSON and nearly JSON, made of pieces that are confusing around a part. */
const piece = fc.constantFrom(
  ...[user, assistant, tool, block, { role: "user", content: "Hi" }].map((part) => JSON.stringify(part)),
  ...['"messages":[', '"tools":[', '"system":[', '"other":[', "[", "]", "{", "}", ",", ":", " ", '"', "\\"],
  '"model":"m","max_tokens":1',
  `"${long}"`,
  "null",
);

test("whatever the text, it is read as in the general way", () => {
  const parts = createKnownParts(50_000);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      expect(read(text, parts)).toEqual(read(text));
    }),
    { numRuns: 500 },
  );
});

test("a request whose pieces come in any order is read as in the general way", () => {
  const parts = createKnownParts(50_000);
  const part = fc.constantFrom(user, assistant, tool, block, { role: "user", content: "Hi" }, null, "x");
  const lists = fc.record({ messages: fc.array(part), tools: fc.array(part), system: fc.array(part) });
  const space = fc.constantFrom(undefined, 1);
  fc.assert(
    fc.property(lists, space, fc.nat(), (lists, space, cutAt) => {
      const text = JSON.stringify({ model: "m", max_tokens: 1, ...lists }, null, space);
      expect(read(text, parts)).toEqual(read(text));
      const broken = text.slice(0, cutAt % text.length) + text.slice((cutAt % text.length) + 1);
      expect(read(broken, parts)).toEqual(read(broken));
    }),
    { numRuns: 300 },
  );
});

test("whatever bytes get into a known body, it is read as in the general way", () => {
  const parts = createKnownParts(50_000);
  const bytes = Buffer.from(json);
  // A byte order mark and pieces of it, of other letters, and of JSON.
  const stray = fc.constantFrom(..."\ufeff", ...'é{}[],:"\\ ').chain((letter) => {
    const letters = [...Buffer.from(letter)];
    return fc.constantFrom([...letters], letters.slice(0, 1), letters.slice(1));
  });
  fc.assert(
    fc.property(
      fc.constantFrom(..."{}[],"),
      fc.nat(),
      fc.nat(1),
      stray,
      fc.nat(2),
      (near, nth, side, put, gone) => {
        read(json, parts);
        const places = [...bytes.keys()].filter((at) => bytes[at] === near.charCodeAt(0));
        const at = (places[nth % places.length] ?? 0) + side;
        const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + gone)]);
        expect(readBytes(changed, parts)).toEqual(readBytes(changed));
      },
    ),
    { numRuns: 300 },
  );
});

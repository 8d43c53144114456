import { expect, test } from "bun:test";
import { GrowingText } from "../../../../src/lib/copy-text.ts";
import {
  findCall,
  hasEnded,
  isRepetition,
  type PartialCall,
} from "../../../../src/upstream/openai-chat/reply/find-tool-call.ts";

type Changes = Partial<PartialCall> & { readonly json?: string };

const begun = ({ json = '{"x":1}', ...changes }: Changes = {}): PartialCall => ({
  choice: 0,
  indexes: [0],
  id: "a",
  name: "f",
  said: grow(json),
  follower: undefined,
  lane: 0,
  isDoubtful: false,
  repeats: undefined,
  ...changes,
});
function grow(text: string): GrowingText {
  const growing = new GrowingText();
  growing.add(text);
  return growing;
}

const piece = { choice: 0, index: 0, id: "", name: "", json: "", isRepeated: false };

test("a fragment without a name goes on with the call at its place", () => {
  const call = begun();
  expect(findCall([call], piece)).toBe(call);
  expect(findCall([call], { ...piece, index: undefined, id: "a" })).toBe(call);
  expect(findCall([call], { ...piece, index: undefined })).toBe(call);
  expect(findCall([call], { ...piece, index: 1 })).toBe("new");
});

test("a known id at another index is the same call while its arguments are open", () => {
  const open = begun({ json: '{"x":' });
  expect(findCall([open], { ...piece, index: 1, id: "a", name: "f", json: "1}" })).toBe(open);
  expect(findCall([open], { ...piece, index: 1, json: "" })).toBe(open);
  expect(findCall([begun()], { ...piece, index: 1, id: "a", name: "f" })).toBe("doubtful");
  expect(findCall([begun()], { ...piece, index: 1, id: "a", name: "g" })).toBe("new");
});

test("a name at the place of a whole call begins another one, which may be the same again", () => {
  expect(findCall([begun()], { ...piece, name: "f" })).toBe("doubtful");
  expect(findCall([begun()], { ...piece, name: "g" })).toBe("new");
  expect(findCall([begun()], { ...piece, id: "b", name: "f" })).toBe("new");
  expect(findCall([begun()], { ...piece, id: "b", name: "f", isRepeated: true })).toBe("doubtful");
});

test("a call in another choice may be an alternative", () => {
  expect(findCall([begun()], { ...piece, choice: 1, id: "b", name: "f" })).toBe("doubtful");
  expect(findCall([begun()], { ...piece, choice: 1, id: "b", name: "g" })).toBe("new");
});

test("a doubtful call repeats another if its arguments are the same", () => {
  const first = begun();
  const again = (json: string) => begun({ json, indexes: [1], lane: undefined, isDoubtful: true });
  const isSame = (json: string, isLast = false) => isRepetition([first], again(json), isLast);
  expect([isSame('{"x":1}'), isSame(' { "x" : 1 }'), isSame('{"x":2}')]).toEqual([true, true, false]);
  expect([isSame('{"x"'), isSame('{"x"', true), isSame('{"y"', true)]).toEqual([undefined, true, false]);
});

test("arguments have ended with their closing brace", () => {
  expect(['{"x":1}', "{}", '{"x":"}', ""].map((json) => hasEnded(begun({ json })))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

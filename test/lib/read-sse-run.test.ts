import { expect, test } from "bun:test";
import { readSseRun } from "../../src/lib/read-sse-run.ts";

const outline = { before: '{"text":"', after: '"}' };
const event = (part: string) => `data: {"text":"${part}"}\n\n`;
const letters = /^[a-z]*$/;

test("events of one outline are read at once", () => {
  const text = event("a") + event("") + event("bc");
  expect(readSseRun(text, outline, letters)).toEqual({ parts: ["a", "", "bc"], end: text.length });
});

test("a space before the data is not part of it", () => {
  const text = event("a") + event("b").replace("data: ", "data:");
  expect(readSseRun(text, outline, letters)).toEqual({ parts: ["a", "b"], end: text.length });
});

test.each([
  ["is not whole", 'data: {"text":"b"}\n'],
  ["has a second line of data", 'data: {"text":"b"}\ndata: {"text":"c"}\n\n'],
  ["has another field", 'id: 1\ndata: {"text":"b"}\n\n'],
  ["has another outline", 'data: {"text":"b","more":"c"}\n\n'],
  ["is shorter than the outline", 'data: {"text":"}\n\n'],
  ["has a part that may not be there", event("B")],
  ["ends otherwise", 'data: {"text":"b"}\r\n\r\n'],
])("an event that %s ends the run", (_, other) => {
  const text = event("a") + other + event("d");
  expect(readSseRun(text, outline, letters)).toEqual({ parts: ["a"], end: event("a").length });
});

import { describe, expect, test } from "bun:test";
import { findPartEnd, SseRunReader } from "../../src/lib/read-sse-run.ts";

const outline = { before: '{"text":"', after: '"}' };
const event = (part: string) => `data: {"text":"${part}"}\n\n`;
const letters = /^[a-z]*$/;
const run = new SseRunReader(outline);

test("events of one outline are read at once", () => {
  const text = event("a") + event("") + event("bc");
  expect(run.read(text, 0, letters)).toEqual({ parts: ["a", "", "bc"], end: text.length });
});

test("a run may begin anywhere in a text", () => {
  const text = event("a") + event("b") + event("c");
  expect(run.read(text, event("a").length, letters)).toEqual({ parts: ["b", "c"], end: text.length });
  expect(run.read(text, 3, letters)).toEqual({ parts: [], end: 3 });
});

test("a run has as many events as are wanted", () => {
  const text = event("a") + event("b") + event("c");
  expect(run.read(text, 0, letters, 2)).toEqual({ parts: ["a", "b"], end: event("a").length * 2 });
});

test("a space before the data is not part of it, and is there in all of them or in none", () => {
  const tight = (part: string) => event(part).replace("data: ", "data:");
  const text = tight("a") + tight("b") + event("c");
  const first = tight("a").length * 2;
  expect(run.read(text, 0, letters)).toEqual({ parts: ["a", "b"], end: first });
  expect(run.read(text, first, letters)).toEqual({ parts: ["c"], end: text.length });
});

test("an event that ends the text is read like any other", () => {
  const rows: [text: string, at: number, parts: string[]][] = [
    [event("a"), 0, ["a"]],
    [event("a") + event("b"), event("a").length, ["b"]],
    [`x${event("a")}`, 1, ["a"]],
    [event("a").trimEnd(), 0, []],
    [`${event("a")}\n`, 0, ["a"]],
    [event("A"), 0, []],
    [event("a\n"), 0, []],
    [event("").replace('"text"', '"test"'), 0, []],
    ['data: {"text":"}\n\n', 0, []],
    ['"}\n\n', 0, []],
  ];
  for (const [text, at, parts] of rows) {
    const read = parts.map(event).join("").length;
    expect(run.read(text, at, letters)).toEqual({ parts, end: at + read });
  }
});

test("an event that ends the text may have lines that end with CRLF", () => {
  const windows = (part: string) => event(part).replaceAll("\n", "\r\n");
  expect(run.read(windows("a"), 0, letters)).toEqual({ parts: ["a"], end: windows("a").length });
  for (const text of [
    windows("A"),
    windows("a").slice(0, -1),
    windows("a").slice(0, -2),
    windows("a") + windows("b"),
    event("a").replace("\n\n", "\n\r\n"),
    event("a").replace("\n\n", "\r\n\n"),
  ])
    expect(run.read(text, 0, letters)).toEqual({ parts: [], end: 0 });
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
  expect(run.read(text, 0, letters)).toEqual({ parts: ["a"], end: event("a").length });
});

describe("padding behind the part", () => {
  const padded = { before: '{"text":"', after: '","p":"', end: '"}' };
  const paddedEvent = (part: string, padding: string) => `data: {"text":"${part}","p":"${padding}"}\n\n`;

  test("may be any letters and digits", () => {
    const text = paddedEvent("a", "") + paddedEvent("", "xY9") + paddedEvent("bc", "0");
    const run = new SseRunReader(padded);
    expect(run.read(text, 0, letters)).toEqual({ parts: ["a", "", "bc"], end: text.length });
  });

  test.each([
    ["an escape", paddedEvent("b", "\\n")],
    ["a quote", paddedEvent("b", 'x","q":"y')],
    ["a letter of another kind", paddedEvent("b", "é")],
    ["no end", 'data: {"text":"b","p":"x"\n\n'],
    ["nothing before it", 'data: {"text":"}\n\n'],
    ["no blank line after it", 'data: {"text":"b","p":"x"}\ndata: {"text":"c","p":"x"}\n\n'],
  ])("with %s ends the run", (_, other) => {
    const text = paddedEvent("a", "x") + other + paddedEvent("d", "x");
    const first = paddedEvent("a", "x").length;
    expect(new SseRunReader(padded).read(text, 0, letters)).toEqual({ parts: ["a"], end: first });
  });

  test("is no part of what is found", () => {
    const data = '{"text":"ab","p":"cd"}';
    expect(findPartEnd(data, 9, data.length, padded.after, padded.end)).toBe(11);
    expect(findPartEnd(data, 12, data.length, padded.after, padded.end)).toBe(-1);
  });
});

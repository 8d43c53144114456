import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OversizedEventError, SseDecoder, type SseFrame } from "../../src/lib/decode-sse.ts";

const utf8 = new TextEncoder();

/** Decodes bytes cut at the given places. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []): SseFrame[] {
  const decoder = new SseDecoder();
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const frames = edges.slice(1).flatMap((edge, i) => decoder.push(bytes.slice(edges[i], edge)));
  return [...frames, ...decoder.end()];
}

const data = (...values: string[]) => values.map((value) => ({ event: "", data: value }));

const cases: [name: string, text: string, frames: SseFrame[]][] = [
  ["events end at a blank line", "data: a\n\ndata: b\n\n", data("a", "b")],
  ["the space after the colon is optional", "data:a\n\n", data("a")],
  ["only one space is removed", "data:  a\n\n", data(" a")],
  ["lines of one event are joined", "data: a\ndata: b\n\n", data("a\nb")],
  ["an event has a name", "event: error\ndata: x\n\n", [{ event: "error", data: "x" }]],
  [
    "a name lasts for one event",
    "event: e\ndata: 1\n\ndata: 2\n\n",
    [{ event: "e", data: "1" }, ...data("2")],
  ],
  ["a name without data is not an event", "event: ping\n\ndata: 1\n\n", data("1")],
  ["comments, ids and retries are dropped", ": hi\nid: 1\nretry: 5\ndata: a\n\n", data("a")],
  ["a sentence instead of events", "Bad gateway: try later", data("Bad gateway: try later")],
  ["a page instead of events", "<html>\n<p>Bad</p>\n", data("<html>\n<p>Bad</p>")],
  ["Windows line ends", "data: a\r\n\r\ndata: b\r\n\r\n", data("a", "b")],
  ["old Mac line ends", "data: a\r\rdata: b\r\r", data("a", "b")],
  ["mixed line ends", "data: a\r\n\ndata: b\n\r\n", data("a", "b")],
  ["the last event needs no blank line", "data: a\n\ndata: b", data("a", "b")],
  [
    "missing blank lines between JSON events",
    'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n',
    data('{"a":1}', '{"b":2}', "[DONE]"),
  ],
  ["JSON without data:", '{"error":{"message":"no"}}\n', data('{"error":{"message":"no"}}')],
  ["JSON over several lines without data:", '{\n  "error": "no"\n}\n', data('{\n  "error": "no"\n}')],
  ["llama.cpp's error lines", 'error: {"code":500}\n\n', [{ event: "error", data: '{"code":500}' }]],
  [
    "[DONE] inside a text is text",
    'data: {"t":"data: [DONE]\\n\\n"}\n\n',
    data('{"t":"data: [DONE]\\n\\n"}'),
  ],
  ["a byte order mark", "\uFEFFdata: a\n\n", data("a")],
  ["characters of two to four bytes", "data: é漢😀\n\n", data("é漢😀")],
];

describe("SSE", () => {
  for (const [name, text, frames] of cases) {
    test(name, () => {
      const bytes = utf8.encode(text);
      expect(decode(bytes)).toEqual(frames);
      // Every byte by itself, and every single cut.
      expect(decode(bytes, [...bytes.keys()])).toEqual(frames);
      for (const cut of bytes.keys()) expect(decode(bytes, [cut])).toEqual(frames);
    });
  }

  test("any lines cut anywhere give the same frames as the whole", () => {
    const line = fc.constantFrom(
      "data: {}",
      "data: x",
      "event: e",
      ": c",
      "",
      "{",
      "é😀",
      "error: 1",
      "data:",
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = utf8.encode(lines.map((parts) => parts.join("")).join(""));
        const inside = cuts.filter((cut) => cut < bytes.length);
        expect(decode(bytes, inside)).toEqual(decode(bytes));
      }),
    );
  });

  test("bytes that are no UTF-8 become what the standard says, however they are cut", () => {
    const part = fc.oneof(
      fc.constantFrom("data: a", "\n", "\r\n", "é", "😀", "\uFEFF").map((text) => utf8.encode(text)),
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(60)), (parts, cuts) => {
        const bytes = Buffer.concat(parts);
        const inside = cuts.filter((cut) => cut < bytes.length);
        const text = new TextDecoder().decode(bytes);
        // A second byte order mark is a character.
        const valid = utf8.encode(text.startsWith("\uFEFF") ? `\uFEFF${text}` : text);
        expect(decode(bytes, inside)).toEqual(decode(valid));
      }),
    );
  });

  test("one huge line in tiny reads takes linear time", () => {
    const decoder = new SseDecoder();
    decoder.push(utf8.encode("data: "));
    const piece = utf8.encode("x".repeat(16));
    for (let i = 0; i < 100_000; i++) decoder.push(piece);
    expect(decoder.end()[0]?.data.length).toBe(1_600_000);
  });
});

test("a prefix that is written twice is no part of the data", () => {
  expect(decode(utf8.encode('data: data: {"a":1}\ndata:data:{"b":2}\n\n'))).toEqual(
    data('{"a":1}', '{"b":2}'),
  );
});

test("a line that is a whole JSON text is an event at once", () => {
  const decoder = new SseDecoder();
  expect(decoder.push(utf8.encode('{"a":1}\n'))).toEqual(data('{"a":1}'));
  expect(decoder.push(utf8.encode('{"a":\n{}\n}\n\n'))).toEqual(data('{"a":\n{}\n}'));
});

describe("a reader", () => {
  /** What it was shown, and the frames it got, in order. */
  const pass = (pieces: readonly string[], take: (shown: string) => number) => {
    const decoder = new SseDecoder();
    const seen: string[] = [];
    for (const piece of pieces)
      decoder.pass(utf8.encode(piece), {
        push: (frame) => void seen.push(frame.data),
        lift(text, from) {
          seen.push(`? ${text.slice(from)}`);
          return from + take(text.slice(from));
        },
      });
    return seen;
  };

  test("gets no event that it has read itself", () => {
    const first = "data: 1\n\n".length;
    const seen = pass(["data: 1\n\ndata: 2\n\n", "data: 3\n\nda", "ta: 1\n\n"], (shown) =>
      /^data: [13]/.test(shown) ? first : 0,
    );
    expect(seen).toEqual(["? data: 1\n\ndata: 2\n\n", "2", "? ", "? data: 3\n\nda", "? data: 1\n\n"]);
  });

  test("is shown an event that was cut by itself if more follows", () => {
    const seen = pass(["data: 1\n\nda", "ta: 2\n\ndata: 3\n\nda"], (shown) => shown.lastIndexOf("\n") + 1);
    expect(seen).toEqual(["? data: 1\n\nda", "? data: 2\n\n", "? data: 3\n\nda"]);
  });

  test("is shown only where an event begins, after those before it, also with line endings made one", () => {
    const pieces = [
      "data: 1\r\n\r\nda",
      "ta: 2\n",
      "data: 3\n\n",
      "data: 4\r\n\r\n",
      "event: a\n",
      "data: 5\n\n",
    ];
    const seen = pass(pieces, () => 0);
    expect(seen).toEqual([
      "? data: 1\r\n\r\nda",
      "? data: 1\n\nda",
      "1",
      "? da",
      "? data: 2\n",
      "2\n3",
      "? ",
      "? data: 4\r\n\r\n",
      "? data: 4\n\n",
      "4",
      "? ",
      "? event: a\n",
      "5",
      "? ",
    ]);
  });

  test("may read events in the middle of a read", () => {
    const seen = pass(["data: a\n\ndata: 1\n\ndata: 1\n\ndata: b\n\n"], (shown) =>
      shown.startsWith("data: 1") ? "data: 1\n\ndata: 1\n\n".length : 0,
    );
    expect(seen.filter((one) => !one.startsWith("?"))).toEqual(["a", "b"]);
  });
});

describe("what never ends is an error", () => {
  const megabyte = utf8.encode("x".repeat(1024 * 1024));
  const lines = utf8.encode(`data: ${"x".repeat(1024)}\n`.repeat(1024));
  const empty = utf8.encode("data:\n".repeat(64 * 1024));
  const rows: [name: string, start: string, piece: Uint8Array][] = [
    ["a line", "data: ", megabyte],
    ["a line of no format", "", megabyte],
    ["an event", "", lines],
    ["an event of empty lines", "", empty],
    ["an event without data:", "{\n", utf8.encode(`${"x".repeat(1023)}\n`.repeat(1024))],
  ];
  for (const [name, start, piece] of rows) {
    test(name, () => {
      const decoder = new SseDecoder();
      decoder.push(utf8.encode(start));
      for (let i = 0; i < 15; i++) expect(decoder.push(piece)).toEqual([]);
      expect(() => {
        for (let i = 0; i < 5; i++) decoder.push(piece);
      }).toThrow(OversizedEventError);
    });
  }

  test("an event just within the limit is not", () => {
    const text = "x".repeat(16 * 1024 * 1024 - 16);
    expect(decode(utf8.encode(`data: ${text}\n\n`))).toEqual(data(text));
  });
});

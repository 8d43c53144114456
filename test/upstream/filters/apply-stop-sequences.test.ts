import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ProxyError } from "../../../src/errors.ts";
import type { ReplyEvent } from "../../../src/reply.ts";
import { createStopSequences } from "../../../src/upstream/filters/apply-stop-sequences.ts";
import { callOf, finished, joinTexts, repliesOf, said, used } from "../../support/reply-events.ts";

const stopped = (stopSequence: string): ReplyEvent => ({
  type: "finish",
  reason: "stop-sequence",
  stopSequence,
});

function filter(stops: readonly string[], ...batches: (readonly ReplyEvent[])[]): ReplyEvent[] {
  const filter = createStopSequences(stops);
  return joinTexts(batches.flatMap((batch) => filter.push([...batch])));
}

describe("stop sequences", () => {
  test.each<[string, ReplyEvent[][], ReplyEvent[]]>([
    ["in one piece", [[said("a END b"), finished]], [said("a "), stopped("END")]],
    ["across pieces", [[said("a E")], [said("N")], [said("D b")], [finished]], [said("a "), stopped("END")]],
    ["that only begins", [[said("a EN")], [finished]], [said("a EN"), finished]],
    ["that begins again", [[said("EE")], [said("ND")]], [said("E"), stopped("END")]],
    ["at the very start", [[said("END")]], [stopped("END")]],
    ["none", [[said("a")], [finished]], [said("a"), finished]],
    ["with usage in the same read", [[said("END"), used, finished]], [used, stopped("END")]],
    ["of two, the first that is complete", [[said("a stop END")]], [said("a "), stopped("stop")]],
  ])("%s", (_, batches, expected) => {
    expect(filter(["END", "stop"], ...batches)).toEqual(expected);
  });

  test("nothing follows a match, which ends the reply", () => {
    const filter = createStopSequences(["END"]);
    expect(filter.isOver).toBe(false);
    filter.push([said("xEND")]);
    expect(filter.isOver).toBe(true);
    expect(filter.push([said("y"), used, finished])).toEqual([]);
  });

  test("calls and reasoning may contain it, and text before them is not held back", () => {
    const thought: ReplyEvent = { type: "thinking-delta", text: "END" };
    const call = callOf(0).map((event) =>
      event.type === "tool-delta" ? { ...event, json: '{"a":"END"}' } : event,
    );
    expect(filter(["END"], [thought, said("E"), ...call, finished])).toEqual([
      thought,
      said("E"),
      ...call,
      finished,
    ]);
    expect(filter(["END"], [said("E"), thought, said("ND"), finished])).toEqual([
      said("E"),
      thought,
      said("ND"),
      finished,
    ]);
  });

  test("an open call is closed before the end", () => {
    const [start, delta] = callOf(0);
    const open = [start, delta].flatMap((event) => event ?? []);
    expect(filter(["END"], [...open, said("END")])).toEqual([
      ...open,
      { type: "tool-end", lane: 0 },
      stopped("END"),
    ]);
  });

  test("a failure comes after the text that was held back", () => {
    const failure: ReplyEvent = {
      type: "failure",
      error: new ProxyError("upstream", "The backend broke off"),
    };
    expect(filter(["END"], [said("EN")], [failure])).toEqual([said("EN"), failure]);
  });

  test("text split in any way gives the same reply", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(repliesOf(letters), stops, ({ text, batches }, stops) => {
        const reply = filter(stops, ...batches);
        expect(reply).toEqual(filter(stops, [said(text), finished]));
        const words = reply.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
        const ends = stops.flatMap((stop) => (text.includes(stop) ? [text.indexOf(stop) + stop.length] : []));
        expect(stops.some((stop) => words.includes(stop))).toBe(false);
        expect(text.startsWith(words)).toBe(true);
        if (ends.length === 0) expect(words).toBe(text);
        else {
          const last = reply.at(-1);
          const matched = last?.type === "finish" ? (last.stopSequence ?? "") : "";
          expect(words.length + matched.length).toBe(Math.min(...ends));
        }
      }),
      { numRuns: 500 },
    );
  });
});

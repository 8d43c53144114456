import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createJsonFences } from "../../../src/upstream/filters/strip-json-fences.ts";
import { finished, joinTexts, repliesOf, said, used } from "../../support/reply-events.ts";

function filter(...texts: string[]): string {
  const fences = createJsonFences();
  const events = [...texts.map((text) => [said(text)]), [used, finished]].flatMap((batch) =>
    fences.push(batch),
  );
  expect(events.at(-1)).toEqual(finished);
  return events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
}

describe("JSON loses its fence", () => {
  test.each<[string, string[], string]>([
    ["a fence with a language", ['```json\n{"a":1}\n```'], '{"a":1}'],
    ["in pieces", ["\n`", "``js", "on\r", '\n{"a":', "1}", "\n`", "`", "`\n"], '{"a":1}'],
    ["without a language", ["```\n[1]\n```\n"], "[1]"],
    ["not closed", ["```json\n[1]"], "[1]"],
    ["bare JSON", ['{"a":"```"}'], '{"a":"```"}'],
    ["bare JSON followed by a fence", ["[1]\n```"], "[1]\n```"],
    ["a fence in a string", ['```json\n{"a":"```\\n x"}\n```'], '{"a":"```\\n x"}'],
    ["text after it", ["```json\n[1]\n``", "`\n\nThat ", "is\n```all```"], "[1]"],
    ["on one line", ["```json [1", "] ```"], "[1]"],
    ["text before it", ["Here:\n```json\n[1]\n```"], "Here:\n```json\n[1]\n```"],
    ["half an opening alone", ["``"], "``"],
    ["white space alone", [" \n"], " \n"],
  ])("%s", (_, texts, expected) => {
    expect(filter(...texts)).toBe(expected);
  });

  test("text split in any way gives the same reply", () => {
    const text = fc
      .array(
        fc.constantFrom(
          "`",
          "``",
          "```",
          "json",
          "\n",
          " ",
          "\r\n",
          "{",
          "}",
          '"x"',
          "[1]",
          "```json\n",
          "\n```\n",
        ),
        {
          maxLength: 12,
        },
      )
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(repliesOf(text), ({ text, batches }) => {
        const fences = createJsonFences();
        const whole = createJsonFences().push([said(text), finished]);
        expect(joinTexts(batches.flatMap((batch) => fences.push(batch)))).toEqual(joinTexts(whole));
      }),
      { numRuns: 500 },
    );
  });
});

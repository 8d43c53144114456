import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createArgumentGuard, normaliseArguments } from "../../src/anthropic/tool-arguments.ts";

/** Feeds pieces and returns what left, in one text. */
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
  ["an object, unchanged", '{"a":[1,{"b":"c"},[]],"d":-1.5e+3}', '{"a":[1,{"b":"c"},[]],"d":-1.5e+3}'],
  ["white space before and inside", ' \n{ "a" : 1 ,\t"b":[ 1 , 2 ] }', '{"a":1,"b":[1,2]}'],
  ["a stray brace at the end", '{"a":1}}', '{"a":1}'],
  ["the object twice", '{"a":1}{"a":1}', '{"a":1}'],
  ["a closing tag at the end", '{"a":1}</tool_call>', '{"a":1}'],
  ["an empty object before the real one", '{} {"a":1}', '{"a":1}'],
  ["an empty object and a stray brace", "{}}", "{}"],
  ["a trailing comma", '{"a":[1,2,],}', '{"a":[1,2]}'],
  ["a raw newline and tab in a string", '{"a":"x\n\ty"}', '{"a":"x\\n\\ty"}'],
  ["escapes that JSON does not know", '{"a":"\\x41\\\'\\d"}', '{"a":"\\\\x41\'\\\\d"}'],
  ["a broken unicode escape", '{"a":"\\u12zz"}', '{"a":"\\\\u12zz"}'],
  ["Python literals", '{"a":None,"b":True,"c":False}', '{"a":null,"b":true,"c":false}'],
  ["single quotes", `{'a':'it\\'s "b"'}`, '{"a":"it\'s \\"b\\""}'],
  ["numbers with a plus sign or a bare point", '{"a":+5,"b":.5,"c":5.}', '{"a":5,"b":0.5,"c":5}'],
  ["prose before the object", 'Sure: {"a":1}', '{"a":1}'],
  ["an object inside a string", '"{\\"a\\":1}"', '{"a":1}'],
  ["an array", "[1]", '{"value":[1]}'],
  ["a scalar", "5", '{"value":5}'],
  ["only prose", "no idea", '{"_raw_arguments":"no idea"}'],
  ["names of inherited properties", '{"a":constructor}', '{"_raw_arguments":"{\\"a\\":constructor}"}'],
  ["keys without quotes", "{a:1}", '{"_raw_arguments":"{a:1}"}'],
];

describe("the output is one JSON object", () => {
  for (const [name, given, left] of repaired) {
    test(name, () => {
      expect(guarded([given])).toBe(left);
      expect(guarded(letters(given))).toBe(left);
    });
  }

  test("any object in any pieces keeps its meaning", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.boolean(),
        fc.array(fc.nat(60)),
        (object, spaced, cuts) => {
          const json = JSON.stringify(object, null, spaced ? 2 : 0);
          const pieces = json.split(/(?=.)/su).reduce<string[]>((sum, letter, i) => {
            if (cuts.includes(i) || sum.length === 0) sum.push("");
            sum[sum.length - 1] += letter;
            return sum;
          }, []);
          expect(JSON.parse(guarded(pieces))).toEqual(JSON.parse(json));
        },
      ),
    );
  });

  test("for any input, what was sent before the end is a prefix of a JSON object", () => {
    const noise = fc.array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        '"',
        "'",
        "\\",
        "a",
        "1",
        "-",
        " ",
        "\n",
        "null",
        "None",
        "u00e9",
        "toString",
        "{}",
      ),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(noise, (pieces) => {
        const guard = createArgumentGuard();
        let left = "";
        for (const piece of pieces) {
          left += guard.push(piece);
          expect(isPrefix(left)).toBe(true);
        }
        const whole = left + guard.end();
        if (guard.state === "complete" || guard.state === "empty")
          expect(() => JSON.parse(whole)).not.toThrow();
        expect(isPrefix(whole)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Whether some text behind `text` makes it a JSON object: tried by closing what is open. */
function isPrefix(text: string): boolean {
  if (text === "") return true;
  const closers: string[] = [];
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") closers.unshift("}");
    else if (character === "[") closers.unshift("]");
    else if (character === "}" || character === "]") closers.shift();
  }
  const ends = inString
    ? ['"', '":1', 'u0000"', '0000"', '000"', '00"', '0"', '\\"', '"":1']
    : ["", "1", ":1", '"":1'];
  return ends.some((end) => {
    try {
      JSON.parse(text + end + closers.join(""));
      return true;
    } catch {
      return false;
    }
  });
}

describe("incremental output", () => {
  test("a string is sent as it arrives", () => {
    const guard = createArgumentGuard();
    expect(guard.push('{"content":"He')).toBe('{"content":"He');
    expect(guard.push("llo")).toBe("llo");
    expect(guard.push('"}')).toBe('"}');
    expect(guard.state).toBe("complete");
  });

  test("llama.cpp's first fragment, a lone brace, is sent at once", () => {
    expect(createArgumentGuard().push("{")).toBe("{");
  });

  test("a call that was cut off stays cut off", () => {
    expect(guarded(['{"command":"rm -rf /tmp/x'])).toBe('{"command":"rm -rf /tmp/x');
    expect(guarded(['{"a":1,"b":tr'])).toBe('{"a":1');
  });

  test("nothing is sent after a syntax error", () => {
    expect(guarded(['{"a":"b" "c":1}', "more"])).toBe('{"a":"b"');
  });
});

describe("null for optional properties", () => {
  const schema = {
    type: "object",
    properties: {
      needed: { type: "string" },
      text: { type: "string" },
      either: { type: ["string", "null"] },
      choice: { enum: ["a", null] },
      branches: { anyOf: [{ type: "string" }, { type: "null" }] },
      free: {},
      inner: { type: "object", properties: { deep: { type: "number" } } },
      list: { type: "array", items: { type: "object", properties: { deep: { type: "number" } } } },
    },
    required: ["needed"],
  };

  test("is removed where the schema does not allow it", () => {
    expect(guarded(['{"text":null,"needed":"x"}'], schema)).toBe('{"needed":"x"}');
    expect(guarded(['{"needed":"x","text":null}'], schema)).toBe('{"needed":"x"}');
    expect(guarded(letters('{"inner":{"deep":null},"list":[{"deep":null},{"deep":1}]}'), schema)).toBe(
      '{"inner":{},"list":[{},{"deep":1}]}',
    );
    expect(guarded(['{"text":null}'], schema)).toBe("{}");
  });

  test("is kept where it is required, allowed or unknown", () => {
    const kept = '{"needed":null,"either":null,"choice":null,"branches":null,"free":null,"other":null}';
    expect(guarded([kept], schema)).toBe(kept);
  });
});

test("arguments that come in one piece are repaired by the same rules", () => {
  expect(normaliseArguments('"\\"{\\\\\\"a\\\\\\":1}\\""')).toBe('{"a":1}');
  expect(normaliseArguments('Here: {"a":1} as asked')).toBe('{"a":1}');
});

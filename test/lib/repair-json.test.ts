import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createJsonRepairer } from "../../src/lib/repair-json.ts";

/** Feeds pieces and returns the whole output. */
function repair(pieces: readonly string[], schema?: Record<string, unknown>): string {
  const repairer = createJsonRepairer(schema);
  return pieces.map((piece) => repairer.push(piece)).join("") + repairer.end();
}

const letters = (text: string) => [...text].flatMap((character) => character.split(""));

const repaired: [name: string, given: string, left: string][] = [
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
];

describe("the output is one JSON object", () => {
  for (const [name, given, left] of repaired) {
    test(name, () => {
      expect(repair([given])).toBe(left);
      expect(repair(letters(given))).toBe(left);
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
          expect(JSON.parse(repair(pieces))).toEqual(JSON.parse(json));
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
        const repairer = createJsonRepairer();
        let left = "";
        for (const piece of pieces) {
          left += repairer.push(piece);
          expect(isPrefix(left)).toBe(true);
        }
        const whole = left + repairer.end();
        if (repairer.state === "complete" || repairer.state === "empty")
          expect(() => JSON.parse(whole)).not.toThrow();
        expect(isPrefix(whole)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Whether more text could complete `text` to a JSON object: tried by closing what is open. */
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
    const repairer = createJsonRepairer();
    expect(repairer.push('{"content":"He')).toBe('{"content":"He');
    expect(repairer.push("llo")).toBe("llo");
    expect(repairer.push('"}')).toBe('"}');
    expect(repairer.state).toBe("complete");
  });

  test("llama.cpp's first fragment, a lone brace, is sent at once", () => {
    expect(createJsonRepairer().push("{")).toBe("{");
  });

  test("a call that was cut off stays cut off", () => {
    expect(repair(['{"command":"rm -rf /tmp/x'])).toBe('{"command":"rm -rf /tmp/x');
    expect(repair(['{"a":1,"b":tr'])).toBe('{"a":1');
  });

  test("nothing is sent after a syntax error", () => {
    expect(repair(['{"a":"b" "c":1}', "more"])).toBe('{"a":"b"');
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
    expect(repair(['{"text":null,"needed":"x"}'], schema)).toBe('{"needed":"x"}');
    expect(repair(['{"needed":"x","text":null}'], schema)).toBe('{"needed":"x"}');
    expect(repair(letters('{"inner":{"deep":null},"list":[{"deep":null},{"deep":1}]}'), schema)).toBe(
      '{"inner":{},"list":[{},{"deep":1}]}',
    );
    expect(repair(['{"text":null}'], schema)).toBe("{}");
  });

  test("is kept where it is required, allowed or unknown", () => {
    const kept = '{"needed":null,"either":null,"choice":null,"branches":null,"free":null,"other":null}';
    expect(repair([kept], schema)).toBe(kept);
  });
});

describe("a string where the schema wants another type", () => {
  const schema = {
    type: "object",
    properties: {
      list: { type: "array", items: { type: "object", properties: { n: { type: "integer" } } } },
      map: { anyOf: [{ type: "object" }, { type: "null" }] },
      count: { type: ["number", "null"] },
      flag: { type: "boolean" },
      free: {},
      text: { type: ["string", "array"] },
    },
    required: ["count"],
  };
  const rows: [name: string, given: string, left: string][] = [
    ["an array", '{"list":"[{\\"n\\": 1}]"}', '{"list":[{"n":1}]}'],
    ["an object", '{"map":"{\\"a\\":\\"b\\"}"}', '{"map":{"a":"b"}}'],
    ["a number, and Python's words", '{"count":"2.5","flag":"True"}', '{"count":2.5,"flag":true}'],
    ["a value inside an array", '{"list":[{"n":"7"}]}', '{"list":[{"n":7}]}'],
    ["not what is wanted", '{"list":"{}","count":"many"}', '{"list":"{}","count":"many"}'],
    ["where a string is allowed", '{"text":"[1]","free":"[1]"}', '{"text":"[1]","free":"[1]"}'],
  ];
  for (const [name, given, left] of rows) {
    test(name, () => {
      expect(repair([given], schema)).toBe(left);
      expect(repair(letters(given), schema)).toBe(left);
    });
  }
});

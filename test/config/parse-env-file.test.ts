import { describe, expect, test } from "bun:test";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { parseEnvFile } from "../../src/config/parse-env-file.ts";

const valuesOf = (text: string) =>
  Object.fromEntries(parseEnvFile(text).map(({ name, value }) => [name, value]));

describe("reads what Node reads", () => {
  const rows = [
    "A=1",
    "A=1\r\nB=2\r\n",
    "  export A = 1  ",
    "# comment\nA=1 # why\nB=",
    "A='1 # 2' # why",
    'A="1\\n2"',
    "A='1\\n2'",
    'A="1\n2"\nB=3',
    "A=`it's`",
    "-- no entry\nA=it's",
    "A=a=b",
  ];
  test.each(rows)("%j", (text) => {
    expect(valuesOf(text)).toEqual({ ...parseEnv(text) } as Record<string, string>);
    expect(parseEnvFile(text).some(({ problem }) => problem !== undefined)).toBe(false);
  });

  test("whatever plain values and line ends it has", () => {
    const value = fc.stringMatching(/^[\w@:/.,=+-]{0,20}$/);
    const entry = fc.tuple(fc.stringMatching(/^[A-Z_]{1,8}$/), value, fc.constantFrom("\n", "\r\n", "\n\n"));
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const text = entries.map(([name, value, end]) => `${name}=${value}${end}`).join("");
        expect(valuesOf(text)).toEqual({ ...parseEnv(text) } as Record<string, string>);
      }),
    );
  });
});

describe("names the line of what is ambiguous", () => {
  const rows: [text: string, line: number, value: string | undefined][] = [
    ["A=abc#def", 1, "abc"],
    ["\nA=#def", 2, ""],
    ["# one\nA='abc", 2, "'abc"],
    ['A="two\nlines"\nB="abc"def', 3, "abc"],
    ["A=1\nB abc", 2, undefined],
    ["export B: abc", 1, undefined],
  ];
  test.each(rows)("%j", (text, line, value) => {
    const found = parseEnvFile(text).filter(({ problem }) => problem !== undefined);
    expect(found).toEqual([expect.objectContaining({ line, value })]);
  });

  test("and goes on with the next line after a quote that is never closed", () => {
    expect(valuesOf("A='abc\nB=1")).toEqual({ A: "'abc", B: "1" });
  });
});

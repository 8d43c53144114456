import { describe, expect, test } from "bun:test";
import { ToolCallReader } from "../../../../src/upstream/openai-chat/reply/read-tool-calls.ts";

type Given = { index?: number; id?: string; name?: string; args?: unknown };

/** Reads fragments and returns each call as `id name arguments`. */
function read(fragments: readonly Given[]): string[] {
  const reader = new ToolCallReader((name) => ({ name }));
  const calls: string[][] = [];
  for (const { index, id, name, args } of fragments) {
    const facts = reader.push({
      ...(index !== undefined && { index }),
      ...(id !== undefined && { id }),
      function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
    });
    for (const fact of facts) {
      if (fact.type === "tool-start") calls[fact.lane] = [`${fact.id} ${fact.name} `];
      if (fact.type === "tool-delta") calls[fact.lane]?.push(fact.json);
    }
  }
  for (const fact of reader.end()) {
    if (fact.type === "tool-start") calls[fact.lane] = [`${fact.id} ${fact.name} `];
    if (fact.type === "tool-delta") calls[fact.lane]?.push(fact.json);
  }
  return calls.map((call) => call.join(""));
}

const cases: [name: string, fragments: Given[], calls: string[]][] = [
  [
    "by index, interleaved",
    [
      { index: 0, id: "a", name: "f", args: "" },
      { index: 1, id: "b", name: "g", args: "{" },
      { index: 0, args: '{"x":1}' },
      { index: 1, args: "}" },
    ],
    ['a f {"x":1}', "b g {}"],
  ],
  [
    "complete calls without an index",
    [
      { id: "a", name: "f", args: "{}" },
      { id: "b", name: "f", args: "{}" },
    ],
    ["a f {}", "b f {}"],
  ],
  [
    "neither index nor id",
    [
      { name: "f", args: '{"a":1}' },
      { name: "f", args: '{"a":2}' },
    ],
    [' f {"a":1}', ' f {"a":2}'],
  ],
  [
    "neither index nor id, in pieces",
    [{ name: "f", args: '{"a"' }, { args: ":1}" }, { name: "g", args: "{}" }],
    [' f {"a":1}', " g {}"],
  ],
  [
    "id and name on every fragment",
    [
      { index: 0, id: "a", name: "f", args: "{" },
      { index: 0, id: "a", name: "f", args: "}" },
    ],
    ["a f {}"],
  ],
  [
    "the name comes second",
    [
      { index: 0, id: "a", args: '{"x"' },
      { index: 0, name: "f", args: ":1}" },
    ],
    ['a f {"x":1}'],
  ],
  [
    "empty ids and names after the first",
    [
      { index: 0, id: "a", name: "f", args: "{" },
      { index: 0, id: "", name: "", args: "}" },
    ],
    ["a f {}"],
  ],
  [
    "one index for two calls",
    [
      { index: 0, id: "a", name: "f", args: "{}" },
      { index: 0, id: "b", name: "g", args: "{}" },
    ],
    ["a f {}", "b g {}"],
  ],
  [
    "one id for two calls",
    [
      { index: 0, id: "a", name: "f", args: "{}" },
      { index: 1, id: "a", name: "g", args: "{}" },
    ],
    ["a f {}", "a g {}"],
  ],
  ["no id", [{ index: 0, name: "f", args: "{}" }], [" f {}"]],
  [
    "the arguments so far, in every fragment",
    [
      { index: 0, id: "a", name: "f", args: '{"x"' },
      { index: 0, args: '{"x":1' },
      { index: 0, args: '{"x":1}' },
      { index: 0, args: '{"x":1}' },
    ],
    ['a f {"x":1}'],
  ],
  [
    "an inner object that starts like the whole",
    [
      { index: 0, id: "a", name: "f", args: '{"x":' },
      { index: 0, args: '{"x":1}' },
      { index: 0, args: "}" },
    ],
    ['a f {"x":{"x":1}}'],
  ],
  [
    "one id at several indexes, in pieces",
    [
      { index: 0, id: "a", name: "f", args: '{"x"' },
      { index: 1, id: "a", name: "f", args: ":" },
      { index: 2, id: "a", args: "1" },
      { index: 2, args: "}" },
    ],
    ['a f {"x":1}'],
  ],
  [
    "one id at several indexes, each time whole",
    [0, 1, 2].map((index) => ({ index, id: "a", name: "f", args: '{"x":1}' })),
    ['a f {"x":1}'],
  ],
  [
    "a call sent again in pieces",
    [
      { index: 0, id: "a", name: "f", args: '{"x":1}' },
      { index: 1, id: "a", name: "f", args: "" },
      { index: 1, args: '{"x":' },
      { index: 1, args: " 1}" },
    ],
    ['a f {"x":1}'],
  ],
  [
    "one id for two calls of one function",
    [
      { index: 0, id: "a", name: "f", args: '{"x":1}' },
      { index: 1, id: "a", name: "f", args: '{"x":2}' },
    ],
    ['a f {"x":1}', 'a f {"x":2}'],
  ],
  [
    "a second call at the same index, without an id of its own",
    [
      { index: 0, name: "f", args: '{"x":1}' },
      { index: 0, name: "f", args: '{"x":2}' },
      { index: 0, name: "g", args: "" },
      { index: 0, args: "{}" },
    ],
    [' f {"x":1}', ' f {"x":2}', " g {}"],
  ],
  [
    "a second call at the same index, in pieces",
    [
      { index: 0, id: "a", name: "f", args: '{"x":1}' },
      { index: 0, id: "a", name: "f", args: "" },
      { index: 0, args: '{"x"' },
      { index: 0, args: ":2}" },
    ],
    ['a f {"x":1}', 'a f {"x":2}'],
  ],
  [
    "a new id on every fragment of one call",
    [
      { index: 0, id: "a", name: "f", args: '{"x"' },
      { index: 0, id: "b", name: "f", args: ":1}" },
    ],
    ['a f {"x":1}'],
  ],
  ["arguments as an object", [{ index: 0, id: "a", name: "f", args: { x: 1 } }], ['a f {"x":1}']],
  ["a call without a name is dropped", [{ index: 0, id: "a", args: "{}" }], []],
];

describe("fragments are assigned to their call", () => {
  for (const [name, fragments, calls] of cases) test(name, () => expect(read(fragments)).toEqual(calls));

  test("names are mapped back to the client's", () => {
    const reader = new ToolCallReader((name) => ({ name: `long_${name}`, toolset: "set" }));
    expect(reader.push({ index: 0, id: "a", function: { name: "f" } })).toEqual([
      { type: "tool-start", lane: 0, id: "a", name: "long_f", toolset: "set" },
    ]);
    expect(reader.end()).toEqual([{ type: "tool-end", lane: 0 }]);
  });

  test("other values are ignored", () => {
    expect(new ToolCallReader((name) => ({ name })).push(null)).toEqual([]);
  });

  test("a long call in short pieces takes linear time", () => {
    const reader = new ToolCallReader((name) => ({ name }));
    reader.push({ index: 0, id: "a", function: { name: "f", arguments: '{"x":"' } });
    let facts = 0;
    for (let i = 0; i < 200_000; i++)
      facts += reader.push({ index: 0, function: { arguments: "abc" } }).length;
    expect(facts).toBe(200_000);
  });
});

test("a hostile answer makes no more calls than a client could run", () => {
  const reader = new ToolCallReader((name) => ({ name }));
  const call = (index: number) => ({ index, id: `call_${index}`, function: { name: "f", arguments: "{}" } });
  for (let index = 0; index < 1000; index++) expect(reader.push(call(index))).toHaveLength(2);
  expect(() => reader.push(call(1000))).toThrow("The backend made more than 1000 tool calls in one answer");
  expect(reader.end()).toHaveLength(1000);
});

test("without indexes, the next call begins where the arguments of the last one end", () => {
  const name = "f";
  expect(
    read([
      { name, args: '{"a":"}' },
      { name, args: '"}' },
      { name, args: "{}" },
    ]),
  ).toEqual([' f {"a":"}"}', " f {}"]);
});

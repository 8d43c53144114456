import { expect, test } from "bun:test";
import { locateKey } from "../../src/config/locate-key.ts";

const text = `# A comment
[backends.router]
url = "https://a.example"
keys = [
  "one",
]

[ routes ] # to where
opus = "router@a"
"agent:Explore" = "router@b"
'claude-*' = "router@c"
deep.key = 1
`;

const cases: [line: number | undefined, ...path: string[]][] = [
  [2, "backends", "router"],
  [3, "backends", "router", "url"],
  [4, "backends", "router", "keys"],
  [9, "routes", "opus"],
  [10, "routes", "agent:Explore"],
  [11, "routes", "claude-*"],
  [12, "routes", "deep", "key"],
  // The nearest table around it.
  [2, "backends", "router", "missing"],
  [undefined, "aliases", "fast"],
];

test.each(cases)("line %p has %s", (line, ...path) => {
  expect(locateKey(text, path)).toBe(line);
});

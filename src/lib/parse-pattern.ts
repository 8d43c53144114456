/** Reads a regular expression in Python's syntax, without what cannot be matched in linear time. */
import { literal, type Matches, parseEscape, parseSet } from "./parse-characters.ts";
import { PatternReader } from "./pattern-reader.ts";

export type PatternNode =
  | { readonly type: "character"; readonly matches: Matches }
  | {
      readonly type: "assertion";
      readonly kind:
        | "text-start"
        | "text-end"
        /** The end, or before a last line break. */
        | "end"
        | "line-start"
        | "line-end"
        | "word-edge"
        | "no-word-edge";
    }
  | { readonly type: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly type: "choice"; readonly options: readonly PatternNode[] }
  | { readonly type: "repeat"; readonly node: PatternNode; readonly min: number; readonly max: number };

type Flags = { readonly ignoreCase: boolean; readonly multiline: boolean; readonly dotAll: boolean };

/** Where a part stands. */
type Scope = Flags & {
  /** Groups around it. */
  readonly depth: number;
};

const flagNames: Readonly<Record<string, Partial<Flags>>> = {
  i: { ignoreCase: true },
  m: { multiline: true },
  s: { dotAll: true },
  // Unicode is the only way here.
  u: {},
};

const assertions: Readonly<Record<string, (PatternNode & { type: "assertion" })["kind"]>> = {
  A: "text-start",
  Z: "text-end",
  b: "word-edge",
  B: "no-word-edge",
};

/** Groups inside groups. */
const maxDepth = 50;
/** Repetitions of one part. */
const maxCount = 1000;

/**
 * @param fail makes the error for a pattern that cannot be read
 * @throws what `fail` makes
 */
export function parsePattern(source: string, fail: (message: string) => Error): PatternNode {
  const reader = new PatternReader(source, fail);
  const node = parseChoice(reader, { ignoreCase: false, multiline: false, dotAll: false, depth: 0 });
  return reader.peek() === undefined ? node : reader.fail("A group is closed that was not opened");
}

function parseChoice(reader: PatternReader, outer: Scope): PatternNode {
  let scope = outer;
  const options: PatternNode[] = [];
  let parts: PatternNode[] = [];
  for (let next = reader.peek(); next !== undefined && next !== ")"; next = reader.peek()) {
    if (reader.skip("|")) {
      options.push({ type: "sequence", parts });
      parts = [];
      continue;
    }
    // `(?i)`: the flags from here on.
    const [letters] = reader.match(/\(\?([a-zA-Z]+)\)/y) ?? [];
    if (letters === undefined) parts.push(parseRepeats(reader, scope));
    else scope = withFlags(reader, scope, letters);
  }
  options.push({ type: "sequence", parts });
  const [only] = options;
  return options.length === 1 && only ? only : { type: "choice", options };
}

function withFlags(reader: PatternReader, scope: Scope, letters: string): Scope {
  const changes = [...letters].map(
    (letter) => flagNames[letter] ?? reader.fail(`The flag ${letter} is not supported`),
  );
  return Object.assign({ ...scope }, ...changes);
}

function parseRepeats(reader: PatternReader, scope: Scope): PatternNode {
  const node = parseOne(reader, scope);
  const count = parseCount(reader);
  if (!count) return node;
  // Whether it is lazy makes no difference to whether it matches.
  reader.skip("?");
  if (reader.peek() === "+") reader.fail("Possessive repetition is not supported");
  if (parseCount(reader)) reader.fail("A repetition is repeated");
  return { type: "repeat", node, ...count };
}

function parseCount(reader: PatternReader): { min: number; max: number } | undefined {
  if (reader.skip("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (reader.skip("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (reader.skip("?")) return { min: 0, max: 1 };
  // A brace that counts nothing is a brace.
  const found = reader.match(/\{(?=\d|,\d)(\d*)(?:(,)(\d*))?\}/y);
  if (!found) return undefined;
  const [from, comma, to] = found;
  const min = Number(from);
  const max = comma === undefined ? min : to ? Number(to) : Number.POSITIVE_INFINITY;
  if (max < min) reader.fail("A repetition ends before it begins");
  if (min > maxCount || (max > maxCount && max !== Number.POSITIVE_INFINITY))
    reader.fail(`A repetition of more than ${maxCount} is too large`);
  return { min, max };
}

function parseOne(reader: PatternReader, scope: Scope): PatternNode {
  const character = reader.take();
  switch (character) {
    case "(":
      return parseGroup(reader, scope);
    case "[":
      return { type: "character", matches: parseSet(reader, scope) };
    case "\\": {
      const [letter = ""] = reader.match(/([AZbB])/y) ?? [];
      const kind = assertions[letter];
      return kind ? { type: "assertion", kind } : { type: "character", matches: parseEscape(reader, scope) };
    }
    case ".":
      return { type: "character", matches: (one) => scope.dotAll || one !== "\n" };
    case "^":
      return { type: "assertion", kind: scope.multiline ? "line-start" : "text-start" };
    case "$":
      return { type: "assertion", kind: scope.multiline ? "line-end" : "end" };
    case "*":
    case "+":
    case "?":
      return reader.fail(`There is nothing to repeat before ${character}`);
    default:
      return { type: "character", matches: literal(character, scope) };
  }
}

function parseGroup(reader: PatternReader, scope: Scope): PatternNode {
  const depth = scope.depth + 1;
  if (depth > maxDepth) reader.fail("The pattern is nested too deeply");
  const node = parseChoice(reader, { ...parseGroupHead(reader, scope), depth });
  return reader.skip(")") ? node : reader.fail("A group is not closed");
}

/** What stands before the group's content; returns the flags inside. */
function parseGroupHead(reader: PatternReader, scope: Scope): Scope {
  const isPlain = reader.match(/(?!\?)|\?:|\?P?<[A-Za-z_]\w*>/y) !== undefined;
  if (isPlain) return scope;
  const [letters] = reader.match(/\?([a-zA-Z]+):/y) ?? [];
  if (letters !== undefined) return withFlags(reader, scope, letters);
  const looksAround = reader.match(/\?<?[=!]/y) !== undefined;
  return reader.fail(
    looksAround ? "Lookahead and lookbehind are not supported" : "A group of this kind is not supported",
  );
}

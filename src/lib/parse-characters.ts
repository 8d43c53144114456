/** The characters that one part of a pattern takes: a letter, an escape such as `\d` or `\n`, a set such as `[a-z]`. */
import type { PatternReader } from "./pattern-reader.ts";

export type Matches = (character: string) => boolean;

type CaseFlag = { readonly ignoreCase: boolean };

const classes: Readonly<Record<string, Matches>> = {
  d: (character) => /^\p{Nd}$/u.test(character),
  D: (character) => !/^\p{Nd}$/u.test(character),
  w: (character) => /^[\p{L}\p{N}_]$/u.test(character),
  W: (character) => !/^[\p{L}\p{N}_]$/u.test(character),
  s: (character) => /^\s$/.test(character),
  S: (character) => !/^\s$/.test(character),
};

const controls: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
  0: "\0",
};

/** How many hexadecimal digits these escapes have. */
const digitCounts: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export function literal(character: string, { ignoreCase }: CaseFlag): Matches {
  if (!ignoreCase) return (other) => other === character;
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return (other) => other === lower || other === upper || other === character;
}

/** After a backslash: a class of characters, or one. */
export function parseEscape(reader: PatternReader, flags: CaseFlag): Matches {
  return parseClass(reader, /([dDwWsS])/y) ?? literal(parseEscapedCharacter(reader), flags);
}

function parseClass(reader: PatternReader, sticky: RegExp): Matches | undefined {
  const [letter] = reader.match(sticky) ?? [];
  return letter === undefined ? undefined : classes[letter];
}

function parseEscapedCharacter(reader: PatternReader): string {
  const letter = reader.take();
  const control = controls[letter];
  if (control !== undefined) return control;
  const digits = digitCounts[letter];
  if (digits !== undefined) {
    const [hex = ""] = reader.match(new RegExp(`([\\da-fA-F]{${digits}})`, "y")) ?? [];
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff
      ? String.fromCodePoint(code)
      : reader.fail(`\\${letter} needs ${digits} hexadecimal digits`);
  }
  if (/\d/.test(letter)) reader.fail("Backreferences are not supported");
  if (/[a-zA-Z]/.test(letter)) reader.fail(`\\${letter} has no meaning`);
  return letter;
}

/** After an opening bracket, up to the closing one. */
export function parseSet(reader: PatternReader, flags: CaseFlag): Matches {
  const isNegated = reader.skip("^");
  const members: Matches[] = [];
  // A bracket that comes first is a member.
  for (let isFirst = true; isFirst || !reader.skip("]"); isFirst = false) {
    if (reader.peek() === undefined) reader.fail("A set of characters is not closed");
    members.push(parseMember(reader, flags));
  }
  return (character) => members.some((matches) => matches(character)) !== isNegated;
}

const escapedClass = /\\([dDwWsS])/y;

function parseMember(reader: PatternReader, flags: CaseFlag): Matches {
  const known = parseClass(reader, escapedClass);
  if (known) return known;
  const from = parseSetCharacter(reader);
  // A hyphen that comes last is a member.
  if (!reader.match(/-(?=[^\]])/y)) return literal(from, flags);
  if (parseClass(reader, escapedClass)) reader.fail("A range of characters has no end");
  const to = parseSetCharacter(reader);
  const [low = 0, high = 0] = [from.codePointAt(0), to.codePointAt(0)];
  if (high < low) reader.fail("A range of characters ends before it begins");
  return anyCase(flags, (character) => {
    const code = character.codePointAt(0) ?? -1;
    return low <= code && code <= high;
  });
}

function parseSetCharacter(reader: PatternReader): string {
  const character = reader.take();
  if (character !== "\\") return character;
  // In a set, this is a backspace.
  return reader.skip("b") ? "\b" : parseEscapedCharacter(reader);
}

function anyCase({ ignoreCase }: CaseFlag, matches: Matches): Matches {
  if (!ignoreCase) return matches;
  return (character) =>
    matches(character) || matches(character.toLowerCase()) || matches(character.toUpperCase());
}

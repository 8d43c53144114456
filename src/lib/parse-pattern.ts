/** Reads a regular expression in Python's syntax, without what cannot be matched in linear time. */

export type PatternNode =
  | { readonly type: "character"; readonly matches: (character: string) => boolean }
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

type Matches = (character: string) => boolean;
type Flags = { readonly ignoreCase: boolean; readonly multiline: boolean; readonly dotAll: boolean };

const flagNames: Readonly<Record<string, Partial<Flags>>> = {
  i: { ignoreCase: true },
  m: { multiline: true },
  s: { dotAll: true },
  // Unicode is the only way here.
  u: {},
};

const sets: Readonly<Record<string, Matches>> = {
  d: (character) => /^\p{Nd}$/u.test(character),
  D: (character) => !/^\p{Nd}$/u.test(character),
  w: (character) => /^[\p{L}\p{N}_]$/u.test(character),
  W: (character) => !/^[\p{L}\p{N}_]$/u.test(character),
  s: (character) => /^\s$/.test(character),
  S: (character) => !/^\s$/.test(character),
};

const assertions: Readonly<Record<string, (PatternNode & { type: "assertion" })["kind"]>> = {
  A: "text-start",
  Z: "text-end",
  b: "word-edge",
  B: "no-word-edge",
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

/** Groups inside groups. */
const maxDepth = 50;
/** Repetitions of one part. */
const maxCount = 1000;

/** @param fail makes the error for a pattern that cannot be read */
export function createPatternParser(source: string, fail: (message: string) => Error) {
  const text = [...source];
  let at = 0;
  let depth = 0;

  const peek = (ahead = 0): string | undefined => text[at + ahead];
  const follows = (words: string): boolean => text.slice(at, at + words.length).join("") === words;

  function take(): string {
    const character = text[at];
    if (character === undefined) throw fail("The pattern ends too early");
    at += 1;
    return character;
  }

  function skip(words: string): boolean {
    if (!follows(words)) return false;
    at += words.length;
    return true;
  }

  function parseChoice(flags: Flags): PatternNode {
    let current = flags;
    const options: PatternNode[] = [];
    let parts: PatternNode[] = [];
    for (let next = peek(); next !== undefined && next !== ")"; next = peek()) {
      if (skip("|")) {
        options.push({ type: "sequence", parts });
        parts = [];
        continue;
      }
      const changed = parseFlags(current);
      if (changed) current = changed;
      else parts.push(parseRepeats(current));
    }
    options.push({ type: "sequence", parts });
    const [only] = options;
    return options.length === 1 && only ? only : { type: "choice", options };
  }

  /** `(?i)`: the flags from here on. */
  function parseFlags(flags: Flags): Flags | undefined {
    const [whole = "", letters = ""] = /^\(\?([a-zA-Z]+)\)/.exec(text.slice(at, at + 12).join("")) ?? [];
    if (whole === "") return undefined;
    at += whole.length;
    return withFlags(flags, letters);
  }

  function withFlags(flags: Flags, letters: string): Flags {
    const changed = { ...flags };
    for (const letter of letters) {
      const more = flagNames[letter];
      if (!more) throw fail(`The flag ${letter} is not supported`);
      Object.assign(changed, more);
    }
    return changed;
  }

  function parseRepeats(flags: Flags): PatternNode {
    const node = parseOne(flags);
    const count = parseCount();
    if (!count) return node;
    // Whether it is lazy makes no difference to whether it matches.
    skip("?");
    if (peek() === "+") throw fail("Possessive repetition is not supported");
    if (parseCount()) throw fail("A repetition is repeated");
    return { type: "repeat", node, ...count };
  }

  function parseCount(): { min: number; max: number } | undefined {
    if (skip("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (skip("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (skip("?")) return { min: 0, max: 1 };
    // A brace that counts nothing is a brace.
    const found = /^\{(\d*)(?:(,)(\d*))?\}/.exec(text.slice(at, at + 16).join(""));
    if (!found || (found[1] === "" && !found[3])) return undefined;
    const [whole, from = "", comma, to = ""] = found;
    at += whole.length;
    const min = Number(from);
    const max = comma === undefined ? min : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    if (max < min) throw fail("A repetition ends before it begins");
    if (min > maxCount || (max > maxCount && max !== Number.POSITIVE_INFINITY))
      throw fail(`A repetition of more than ${maxCount} is too large`);
    return { min, max };
  }

  function parseOne(flags: Flags): PatternNode {
    const character = take();
    switch (character) {
      case "(":
        return parseGroup(flags);
      case "[":
        return { type: "character", matches: parseClass(flags) };
      case "\\":
        return parseEscape(flags);
      case ".":
        return { type: "character", matches: (one) => flags.dotAll || one !== "\n" };
      case "^":
        return { type: "assertion", kind: flags.multiline ? "line-start" : "text-start" };
      case "$":
        return { type: "assertion", kind: flags.multiline ? "line-end" : "end" };
      case "*":
      case "+":
      case "?":
        throw fail(`There is nothing to repeat before ${character}`);
      default:
        return { type: "character", matches: literal(character, flags) };
    }
  }

  function parseGroup(flags: Flags): PatternNode {
    depth += 1;
    if (depth > maxDepth) throw fail("The pattern is nested too deeply");
    const inner = parseGroupHead(flags);
    const node = parseChoice(inner);
    if (!skip(")")) throw fail("A group is not closed");
    depth -= 1;
    return node;
  }

  /** What stands before the group's content; returns the flags inside. */
  function parseGroupHead(flags: Flags): Flags {
    if (!follows("?")) return flags;
    if (skip("?:")) return flags;
    const head = text.slice(at, at + 80).join("");
    const name = /^\?P?<[A-Za-z_]\w*>/.exec(head)?.[0];
    if (name !== undefined) {
      at += name.length;
      return flags;
    }
    const [whole, letters = ""] = /^\?([a-zA-Z]+):/.exec(head) ?? [];
    if (whole !== undefined) {
      at += whole.length;
      return withFlags(flags, letters);
    }
    throw fail(
      /^\?<?[=!]/.test(head)
        ? "Lookahead and lookbehind are not supported"
        : "A group of this kind is not supported",
    );
  }

  function parseEscape(flags: Flags): PatternNode {
    const letter = peek();
    const kind = letter === undefined ? undefined : assertions[letter];
    if (kind !== undefined) {
      at += 1;
      return { type: "assertion", kind };
    }
    return { type: "character", matches: parseEscaped(flags) };
  }

  /** After a backslash: a set of characters, or one. */
  function parseEscaped(flags: Flags): Matches {
    const set = sets[peek() ?? ""];
    if (!set) return literal(parseEscapedCharacter(), flags);
    at += 1;
    return set;
  }

  function parseEscapedCharacter(): string {
    const letter = take();
    const control = controls[letter];
    if (control !== undefined) return control;
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits !== undefined) {
      const hex = text.slice(at, at + digits).join("");
      const code = new RegExp(`^[\\da-fA-F]{${digits}}$`).test(hex) ? Number.parseInt(hex, 16) : -1;
      if (code < 0 || code > 0x10ffff) throw fail(`\\${letter} needs ${digits} hexadecimal digits`);
      at += digits;
      return String.fromCodePoint(code);
    }
    if (/\d/.test(letter)) throw fail("Backreferences are not supported");
    if (/[a-zA-Z]/.test(letter)) throw fail(`\\${letter} has no meaning`);
    return letter;
  }

  function parseClass(flags: Flags): Matches {
    const isNegated = skip("^");
    const members: Matches[] = [];
    for (let isFirst = true; isFirst || peek() !== "]"; isFirst = false) {
      if (peek() === undefined) throw fail("A set of characters is not closed");
      members.push(parseMember(flags));
    }
    at += 1;
    return (character) => members.some((matches) => matches(character)) !== isNegated;
  }

  function parseMember(flags: Flags): Matches {
    if (peek() === "\\" && sets[peek(1) ?? ""]) {
      at += 1;
      return parseEscaped(flags);
    }
    const from = parseClassCharacter();
    if (peek() !== "-" || peek(1) === "]" || peek(1) === undefined) return literal(from, flags);
    at += 1;
    if (peek() === "\\" && sets[peek(1) ?? ""]) throw fail("A range of characters has no end");
    return range(from, parseClassCharacter(), flags);
  }

  function parseClassCharacter(): string {
    const character = take();
    if (character !== "\\") return character;
    // In a set, this is a backspace.
    return skip("b") ? "\b" : parseEscapedCharacter();
  }

  function range(from: string, to: string, flags: Flags): Matches {
    const [low = 0, high = 0] = [from.codePointAt(0), to.codePointAt(0)];
    if (high < low) throw fail("A range of characters ends before it begins");
    return anyCase(flags, (character) => {
      const code = character.codePointAt(0) ?? -1;
      return low <= code && code <= high;
    });
  }

  return {
    /** The whole pattern. Throws what `fail` makes. */
    parse(): PatternNode {
      const node = parseChoice({ ignoreCase: false, multiline: false, dotAll: false });
      if (at < text.length) throw fail("A group is closed that was not opened");
      return node;
    },
  };
}

function literal(character: string, { ignoreCase }: Flags): Matches {
  if (!ignoreCase) return (other) => other === character;
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return (other) => other === lower || other === upper || other === character;
}

function anyCase({ ignoreCase }: Flags, matches: Matches): Matches {
  if (!ignoreCase) return matches;
  return (character) =>
    matches(character) || matches(character.toLowerCase()) || matches(character.toUpperCase());
}

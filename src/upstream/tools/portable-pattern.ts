/**
 * Which regular expressions mean the same to every validator: what JavaScript, Python's `re` and RE2 have in common.
 * Sources: the syntax pages of RE2 and of Python's `re`; "bad escape \p", "unknown extension ?<y" and "invalid or
 * unsupported Perl syntax" are what servers answer to the rest, with a 400 for the whole request.
 */

/** RE2 repeats nothing more often. */
const maxRepeat = 1000;

/** Escapes outside classes; inside, `\b` means something else. */
const letters = /[dDwWsSnrtfvbB]/;
const lettersInClass = /[dDwWsSnrtfv]/;
const punctuation = /[!-/:-@[-^`{-~]/;
const quantifier = /^(?:\{(\d+)(?:,(\d*))?\}|[*+?])\??/;

export function isPortablePattern(source: string): boolean {
  if (!isRegExp(source)) return false;
  /** For each open group, the largest repetition in it: RE2 counts nested ones together. */
  const repeats = [1];
  /** The repetitions in what a quantifier would repeat. */
  let inside = 1;
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at);
    const counted = quantifier.exec(rest);
    const [letter = ""] = rest;
    if (counted) {
      const [all, from = "1", to] = counted;
      const times = inside * Math.max(1, Number(from), Number(to ?? 0));
      if (times > maxRepeat) return false;
      repeats.push(Math.max(times, repeats.pop() ?? 1));
      at += all.length;
      continue;
    }
    inside = 1;
    if (letter === "{") return false;
    if (letter === "\\") {
      const length = escapeLength(rest, letters);
      if (length === 0) return false;
      at += length;
    } else if (letter === "[") {
      const length = classLength(rest);
      if (length === 0) return false;
      at += length;
    } else if (letter === "(") {
      if (rest[1] === "?" && rest[2] !== ":") return false;
      repeats.push(1);
      at += rest[1] === "?" ? 3 : 1;
    } else {
      if (letter === ")") inside = repeats.pop() ?? 1;
      at += 1;
    }
  }
  return true;
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** Length of an escape that everybody knows; 0 for any other. */
function escapeLength(text: string, known: RegExp): number {
  const letter = text[1] ?? "";
  if (known.test(letter) || punctuation.test(letter)) return 2;
  return /^\\x[\da-fA-F]{2}/.test(text) ? 4 : 0;
}

/** Length of a character class that everybody reads alike; 0 for any other. */
function classLength(text: string): number {
  let at = text[1] === "^" ? 2 : 1;
  // Empty in JavaScript, a bracket elsewhere.
  if (text[at] === "]") return 0;
  let wasSet = false;
  for (; at < text.length && text[at] !== "]"; ) {
    const rest = text.slice(at);
    if (/^\[[:.=]|^(?:&&|--|~~|\|\|)/.test(rest)) return 0;
    const isSet = /^\\[dDwWsS]/.test(rest);
    // A set is no end of a range.
    if (isSet && text[at - 1] === "-" && text[at - 2] !== "[" && text[at - 2] !== "^") return 0;
    if (wasSet && rest.startsWith("-") && rest[1] !== "]") return 0;
    wasSet = isSet;
    const length = rest.startsWith("\\") ? escapeLength(rest, lettersInClass) : 1;
    if (length === 0) return 0;
    at += length;
  }
  return at + 1;
}

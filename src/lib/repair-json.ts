/**
 * Makes one JSON object valid while it streams. Models and servers write a second object after the first, raw
 * newlines, Python literals, single quotes, trailing commas. The output is always the prefix of one valid JSON object;
 * a truncated object stays truncated.
 */
import { backslash, doubleQuote } from "./character-codes.ts";
import { asString, type JsonObject, parseJson } from "./json.ts";
import { allowedTypes, hasType, memberSchema, refusesNull } from "./read-member-schema.ts";
import { escapeText, repairEscape, repairWord } from "./repair-token.ts";
import { isNestedDeeper, maxDepth } from "./scan-json.ts";

export type JsonRepairer = {
  /** Takes the next piece; returns what it adds to the object. */
  push(text: string): string;
  /** No more will come: returns what was held back. */
  end(): string;
  /**
   * `open`: more is needed. `empty`: `{}` so far; its end is held back, because some servers write it before the
   * real object. `complete`: the object is closed, the rest is ignored. `broken`: no valid continuation exists.
   */
  readonly state: "open" | "empty" | "complete" | "broken";
  /** Whether more than the first brace was written. */
  readonly hasMembers: boolean;
  /** Whether a string that needs no repair is open, which ends with `"`, and no escape sequence in it. */
  readonly isInValue: boolean;
};

type Container = {
  readonly kind: "object" | "array";
  readonly schema: JsonObject | undefined;
  /** What the grammar allows next. A comma is written only before a member that follows, so none trails. */
  next: "key" | "colon" | "value" | "comma";
  hasMembers: boolean;
  /** The key whose value comes next, with its colon; held until the value begins. */
  key: { readonly text: string; readonly name: string } | undefined;
};

/**
 * An unfinished string. A key is held in `text`, and so is a value where the schema wants another type; other values
 * are written as they arrive.
 */
type StringToken = {
  readonly quote: number;
  readonly isKey: boolean;
  /** The types that the value may have; undefined if it may be a string. */
  readonly types: ReadonlySet<string> | undefined;
  text: string;
  /** An unfinished escape sequence. */
  escape: string;
};

type Repair = {
  readonly schema: JsonObject | undefined;
  /** The open containers, innermost last. */
  readonly containers: Container[];
  string: StringToken | undefined;
  /** An unfinished number or literal; empty if there is none. */
  word: string;
  state: JsonRepairer["state"];
  hasMembers: boolean;
  out: string;
};

const whitespace = /\s/;
const wordCharacter = /[\w.+-]/;

/**
 * @param schema the object's JSON Schema. A `null` for an optional property that does not allow one is left out,
 * because models in strict mode write it.
 */
export function createJsonRepairer(schema?: JsonObject): JsonRepairer {
  const repair: Repair = {
    schema,
    containers: [],
    string: undefined,
    word: "",
    state: "open",
    hasMembers: false,
    out: "",
  };
  return {
    push(text) {
      repair.out = "";
      read(repair, text);
      return repair.out;
    },
    end: () => (repair.state === "empty" ? "}" : ""),
    get state() {
      return repair.state;
    },
    get hasMembers() {
      return repair.hasMembers;
    },
    get isInValue() {
      const { string } = repair;
      return (
        string !== undefined &&
        string.quote === doubleQuote &&
        !string.isKey &&
        !string.types &&
        string.escape === ""
      );
    },
  };
}

function read(repair: Repair, text: string): void {
  let at = 0;
  while (at < text.length && repair.state !== "complete" && repair.state !== "broken") {
    if (repair.string) at = readString(repair, repair.string, text, at);
    else {
      readCharacter(repair, text[at] ?? "");
      at += 1;
    }
  }
}

/** Reads a character outside strings. */
function readCharacter(repair: Repair, character: string): void {
  const container = repair.containers.at(-1);
  if (!container) return readOutside(repair, character);
  if (repair.word !== "") {
    if (wordCharacter.test(character)) {
      repair.word += character;
      return;
    }
    endWord(repair, container);
    if (repair.state === "broken") return;
  }
  if (!whitespace.test(character)) readStructure(repair, container, character);
}

/** Reads a character before the object, or after one that has no members. */
function readOutside(repair: Repair, character: string): void {
  if (whitespace.test(character)) return;
  if (character === "{") {
    // An object without members was a placeholder: its brace has been written and now serves the real one.
    if (repair.state !== "empty") repair.out += "{";
    repair.state = "open";
    openContainer(repair, "object", repair.schema);
  } else if (repair.state === "empty") {
    repair.out += "}";
    repair.state = "complete";
  } else repair.state = "broken";
}

function readStructure(repair: Repair, container: Container, character: string): void {
  switch (character) {
    case "{":
    case "[": {
      // Whoever reads the object back would refuse it, or overflow its stack.
      if (container.next !== "value" || repair.containers.length >= maxDepth) return fail(repair);
      // The schema is looked up by the key, which beginMember clears.
      const schema = memberSchema(container.schema, container.key?.name);
      beginMember(repair, container);
      repair.out += character;
      return openContainer(repair, character === "{" ? "object" : "array", schema);
    }
    case "}":
      return closeContainer(repair, container, "object");
    case "]":
      return closeContainer(repair, container, "array");
    case ":":
      if (container.next !== "colon") return fail(repair);
      container.next = "value";
      return;
    case ",":
      if (container.next !== "comma") return fail(repair);
      container.next = container.kind === "object" ? "key" : "value";
      return;
    default:
      return beginToken(repair, container, character);
  }
}

function openContainer(repair: Repair, kind: Container["kind"], schema: JsonObject | undefined): void {
  const next = kind === "object" ? "key" : "value";
  repair.containers.push({ kind, schema, next, hasMembers: false, key: undefined });
}

/** A comma may have come; without a member after it, it was never written. */
function closeContainer(repair: Repair, container: Container, kind: Container["kind"]): void {
  if (container.kind !== kind || container.next === "colon" || container.key) return fail(repair);
  repair.containers.pop();
  const parent = repair.containers.at(-1);
  if (!parent && !container.hasMembers) {
    repair.state = "empty";
    return;
  }
  repair.out += kind === "object" ? "}" : "]";
  if (parent) parent.next = "comma";
  else repair.state = "complete";
}

/** Writes what comes before a member's value: its comma and its key. */
function beginMember(repair: Repair, container: Container): void {
  if (container.hasMembers) repair.out += ",";
  if (container.key) repair.out += container.key.text;
  container.hasMembers = true;
  container.key = undefined;
  repair.hasMembers = true;
}

function beginToken(repair: Repair, container: Container, character: string): void {
  const { next } = container;
  const isQuoted = character === '"' || character === "'";
  if (isQuoted && (next === "key" || next === "value")) {
    const isKey = next === "key";
    const types = isKey ? undefined : typesInstead(container);
    repair.string = { quote: character.charCodeAt(0), isKey, types, text: "", escape: "" };
    if (isKey || types) return;
    beginMember(repair, container);
    repair.out += '"';
  } else if (next === "value" && wordCharacter.test(character)) repair.word = character;
  else fail(repair);
}

/** The types that the schema wants for the next value; undefined if a string is allowed. */
function typesInstead({ schema, key }: Container): ReadonlySet<string> | undefined {
  const types = schema && allowedTypes(memberSchema(schema, key?.name));
  return types && types.size > 0 && !types.has("string") ? types : undefined;
}

/**
 * Models write `"[1]"` for `[1]`, and `"5"` for `5`. Written without quotes if that is what the schema wants, else as
 * it came, so that the client's schema check refuses it.
 */
function writeHeld(repair: Repair, container: Container, text: string, types: ReadonlySet<string>): void {
  const inner = asString(parseJson(`"${text}"`));
  const value = parseJson(inner) ?? parseJson(repairWord(inner.trim()) ?? "");
  const isMeant = value !== undefined && hasType(types, value) && fitsInside(repair, inner);
  if (isMeant && value === null && container.key && refusesNull(container.schema, container.key.name)) {
    container.key = undefined;
    return;
  }
  beginMember(repair, container);
  repair.out += isMeant ? JSON.stringify(value) : `"${text}"`;
}

/** Whether an inner text leaves the whole within the depth that readers take. */
function fitsInside({ containers }: Repair, text: string): boolean {
  return !isNestedDeeper(text, maxDepth - containers.length);
}

function endWord(repair: Repair, container: Container): void {
  const value = repairWord(repair.word);
  repair.word = "";
  if (value === undefined) return fail(repair);
  const { schema, key } = container;
  if (value === "null" && key && refusesNull(schema, key.name)) container.key = undefined;
  else {
    beginMember(repair, container);
    repair.out += value;
  }
  container.next = "comma";
}

/** Continues inside a string from `at`; returns where it stopped. */
function readString(repair: Repair, string: StringToken, text: string, at: number): number {
  if (string.escape !== "") {
    string.escape += text[at];
    const resolved = repairEscape(string.escape);
    if (resolved !== undefined) {
      addToString(repair, string, resolved);
      string.escape = "";
    }
    return at + 1;
  }
  const end = findSpecial(text, at, string.quote);
  if (end > at) addToString(repair, string, text.slice(at, end));
  if (end === text.length) return end;
  const code = text.charCodeAt(end);
  if (code === string.quote) endString(repair, string);
  else if (code === backslash) string.escape = "\\";
  else addToString(repair, string, escapeText(text.charAt(end)));
  return end + 1;
}

/** The position of the next character that must be changed; the end of the text if there is none. */
function findSpecial(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash || code === quote || code === doubleQuote || code < 32) return at;
  }
  return text.length;
}

function addToString(repair: Repair, string: StringToken, piece: string): void {
  if (string.isKey || string.types) string.text += piece;
  else repair.out += piece;
}

function endString(repair: Repair, { isKey, text, types }: StringToken): void {
  const container = repair.containers.at(-1);
  repair.string = undefined;
  if (!container) return fail(repair);
  if (isKey) {
    container.key = { text: `"${text}":`, name: asString(parseJson(`"${text}"`)) };
    container.next = "colon";
  } else if (types) {
    writeHeld(repair, container, text, types);
    container.next = "comma";
  } else {
    repair.out += '"';
    container.next = "comma";
  }
}

function fail(repair: Repair): void {
  repair.state = "broken";
}

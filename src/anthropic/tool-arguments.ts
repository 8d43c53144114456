/**
 * The text of a tool call's arguments, made safe while it streams. Models and servers write prose before the
 * object, a second object after it, raw newlines, Python literals, trailing commas; the client's SDK loses the
 * whole answer over one stray brace. What leaves here is at every moment the prefix of one valid JSON object.
 *
 * A call that was cut off is left cut off: closing its quotes would turn half a command into one that runs
 * (Claude Code reports the bad input to the model instead).
 */
import { isObject, type JsonObject, parseJson } from "../lib/json.ts";

export type ArgumentGuard = {
  /** Takes the next piece as the backend wrote it; returns what may be sent now. */
  push(text: string): string;
  /** No more will come: returns what was held back. */
  end(): string;
  /**
   * `open`: more is needed. `empty`: `{}` so far, which some servers send before the real arguments.
   * `complete`: the object is closed, the rest is ignored. `broken`: no valid continuation exists.
   */
  readonly state: "open" | "empty" | "complete" | "broken";
};

type Container = {
  readonly kind: "object" | "array";
  readonly schema: JsonObject | undefined;
  /** What the grammar allows next. A comma is written only before a member that follows, so none trails. */
  next: "key" | "colon" | "value" | "comma";
  members: number;
  /** The key whose value comes next, with its colon; held until the value begins. */
  key: { readonly text: string; readonly name: string } | undefined;
};

type Token =
  | { readonly kind: "string"; readonly quote: number; readonly isKey: boolean; text: string; escape: string }
  | { readonly kind: "word"; text: string };

const whitespace = /[\s\uFEFF]/;
const wordCharacter = /[\w.+-]/;
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** JSON's own words, and Python's. */
const words: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

/**
 * @param schema the tool's input schema. A `null` for an optional property that does not allow one is left out:
 *   models in strict style write it, and Claude Code refuses it.
 */
export function createArgumentGuard(schema?: JsonObject): ArgumentGuard {
  const stack: Container[] = [];
  let token: Token | undefined;
  let state: "before" | "buffered" | "open" | "empty" | "complete" | "broken" = "before";
  /** Everything that came, as long as nothing but the first brace has left. */
  let raw: string | undefined = "";
  let out = "";

  const top = (): Container | undefined => stack[stack.length - 1];

  function open(kind: Container["kind"]): void {
    const parent = top();
    stack.push({
      kind,
      schema: parent ? memberSchema(parent) : schema,
      next: kind === "object" ? "key" : "value",
      members: 0,
      key: undefined,
    });
  }

  /** Writes what must stand before a member: its comma and its key. */
  function beginMember(container: Container): void {
    out += `${container.members > 0 ? "," : ""}${container.key?.text ?? ""}`;
    container.members += 1;
    container.key = undefined;
    raw = undefined;
  }

  function close(kind: Container["kind"]): void {
    const container = top();
    if (container?.kind !== kind || container.next === "colon" || container.key) return fail();
    // A comma may have come; without a member after it, it was never written.
    stack.pop();
    const parent = top();
    if (parent) {
      out += kind === "object" ? "}" : "]";
      parent.next = "comma";
    } else if (container.members === 0) {
      state = "empty";
    } else {
      out += "}";
      state = "complete";
    }
  }

  function fail(): void {
    state = "broken";
  }

  function finishWord(word: string): void {
    token = undefined;
    const container = top();
    if (!container) return fail();
    const value = words.get(word) ?? readNumber(word);
    if (value === undefined) return fail();
    if (value === "null" && container.key && isUnwantedNull(container)) container.key = undefined;
    else {
      beginMember(container);
      out += value;
    }
    container.next = "comma";
  }

  function beginToken(character: string): void {
    const container = top();
    if (!container) return fail();
    const quoted = character === '"' || character === "'";
    if (container.next === "key" && quoted) {
      token = { kind: "string", quote: character.charCodeAt(0), isKey: true, text: "", escape: "" };
    } else if (container.next !== "value") {
      fail();
    } else if (quoted) {
      beginMember(container);
      out += '"';
      token = { kind: "string", quote: character.charCodeAt(0), isKey: false, text: "", escape: "" };
    } else if (wordCharacter.test(character)) {
      token = { kind: "word", text: character };
    } else fail();
  }

  function readStructure(character: string): void {
    const container = top();
    if (whitespace.test(character)) return;
    if (!container) return;
    switch (character) {
      case "{":
      case "[": {
        if (container.next !== "value") return fail();
        const kind = character === "{" ? "object" : "array";
        // The child's schema is looked up by the key, which beginMember forgets.
        open(kind);
        beginMember(container);
        out += character;
        return;
      }
      case "}":
        return close("object");
      case "]":
        return close("array");
      case ":":
        if (container.next !== "colon") return fail();
        container.next = "value";
        return;
      case ",":
        if (container.next !== "comma") return fail();
        container.next = container.kind === "object" ? "key" : "value";
        return;
      default:
        return beginToken(character);
    }
  }

  /** Reads on inside a string from `at`; returns where it stopped. */
  function readString(string: Token & { kind: "string" }, text: string, at: number): number {
    let from = at;
    const emit = (piece: string) => {
      if (string.isKey) string.text += piece;
      else out += piece;
    };
    for (let i = at; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (string.escape !== "") {
        string.escape += text[i];
        const resolved = resolveEscape(string.escape);
        if (resolved !== undefined) {
          emit(resolved);
          string.escape = "";
        }
        from = i + 1;
      } else if (code === 92) {
        emit(text.slice(from, i));
        string.escape = "\\";
        from = i + 1;
      } else if (code === string.quote) {
        emit(text.slice(from, i));
        endString(string);
        return i + 1;
      } else if (code < 32 || code === 34) {
        emit(text.slice(from, i) + JSON.stringify(text[i]).slice(1, -1));
        from = i + 1;
      }
    }
    emit(text.slice(from));
    return text.length;
  }

  function endString(string: Token & { kind: "string" }): void {
    token = undefined;
    const container = top();
    if (!container) return fail();
    if (!string.isKey) {
      out += '"';
      container.next = "comma";
      return;
    }
    const name = parseJson(`"${string.text}"`);
    container.key = { text: `"${string.text}":`, name: typeof name === "string" ? name : "" };
    container.next = "colon";
  }

  function read(text: string): void {
    let at = 0;
    while (at < text.length && (state === "open" || state === "empty")) {
      if (token?.kind === "string") {
        at = readString(token, text, at);
        continue;
      }
      const character = text[at] ?? "";
      at += 1;
      if (state === "empty") readAfterEmpty(character);
      else if (token?.kind === "word" && wordCharacter.test(character)) token.text += character;
      else {
        if (token?.kind === "word") finishWord(token.text);
        if (state === "open") readStructure(character);
      }
    }
  }

  function readAfterEmpty(character: string): void {
    if (whitespace.test(character)) return;
    if (character === "{") {
      // The first object was a placeholder: its brace has left and now serves the real one.
      state = "open";
      open("object");
    } else {
      out += "}";
      state = "complete";
    }
  }

  function take(): string {
    const taken = out;
    out = "";
    return taken;
  }

  return {
    get state() {
      return state === "before" || state === "buffered" ? "open" : state;
    },
    push(text) {
      if (raw !== undefined) raw += text;
      if (state === "before") {
        const start = text.search(/[^\s\uFEFF]/);
        if (start === -1) return "";
        if (text[start] !== "{") {
          state = "buffered";
          return "";
        }
        state = "open";
        open("object");
        out = "{";
        read(text.slice(start + 1));
      } else if (state === "open" || state === "empty") read(text);
      return take();
    },
    end() {
      if (state === "before") return "{}";
      if (state === "buffered") return normaliseArguments(raw ?? "");
      if (state === "empty") return "}";
      if (state === "broken" && raw !== undefined) return rawArguments(raw).slice(1);
      return take();
    },
  };
}

/**
 * Arguments that did not begin as an object, made into one: nothing, `null` and `""` mean no arguments, a JSON
 * text inside a JSON string is unpacked, an object behind prose is found, and anything else is handed to the
 * client as it came, where the tool's schema refuses it and the model hears about it.
 */
export function normaliseArguments(raw: string): string {
  const text = raw.trim();
  if (text === "") return "{}";
  const value = parseJson(text);
  if (value === null || value === "") return "{}";
  if (typeof value === "string") return normaliseArguments(value);
  if (isObject(value)) return text;
  if (value !== undefined) return JSON.stringify({ value });
  const brace = text.indexOf("{");
  if (brace > 0) {
    const guard = createArgumentGuard();
    const found = guard.push(text.slice(brace));
    if (guard.state === "complete") return found;
  }
  return rawArguments(raw);
}

function rawArguments(raw: string): string {
  return JSON.stringify({ _raw_arguments: raw });
}

/** The JSON form of an escape sequence, or undefined while it is incomplete. */
function resolveEscape(sequence: string): string | undefined {
  const letter = sequence[1] ?? "";
  if (letter === "u") {
    if (/^\\u[0-9a-fA-F]{0,3}$/.test(sequence)) return undefined;
    return /^\\u[0-9a-fA-F]{4}$/.test(sequence) ? sequence : `\\\\${asContent(sequence.slice(1))}`;
  }
  if ('"\\/bfnrt'.includes(letter)) return sequence;
  if (letter === "'") return "'";
  return `\\\\${asContent(letter)}`;
}

function asContent(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function readNumber(word: string): string | undefined {
  if (jsonNumber.test(word)) return word;
  const value = /^[+-]?[\d.]/.test(word) ? Number(word) : Number.NaN;
  return Number.isFinite(value) ? String(value) : undefined;
}

function memberSchema(container: Container): JsonObject | undefined {
  const { schema, key } = container;
  if (!schema) return undefined;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const member = key ? properties[key.name] : schema.items;
  return isObject(member) ? member : undefined;
}

function isUnwantedNull(container: Container): boolean {
  const { schema, key } = container;
  if (!schema || !key) return false;
  if (Array.isArray(schema.required) && schema.required.includes(key.name)) return false;
  const member = memberSchema(container);
  return member !== undefined && !allowsNull(member);
}

/** Whether a schema admits `null`; one that says nothing about its type admits everything. */
function allowsNull(schema: JsonObject): boolean {
  if (schema.nullable === true || "$ref" in schema) return true;
  if (Array.isArray(schema.enum)) return schema.enum.includes(null);
  if ("const" in schema) return schema.const === null;
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return branches.some((branch) => !isObject(branch) || allowsNull(branch));
  if (Array.isArray(schema.type)) return schema.type.includes("null");
  return schema.type === undefined || schema.type === "null";
}

/**
 * Makes the text of a tool call's arguments safe while it streams: the client's SDK loses the whole answer over one
 * stray brace. The output is always the prefix of one valid JSON object.
 *
 * A truncated call stays truncated: closing its quotes would turn half a command into one that runs. Claude Code
 * reports the bad input to the model instead.
 */
import { isObject, type JsonObject, parseJson } from "../lib/json.ts";
import { createJsonRepairer, type JsonRepairer } from "../lib/repair-json.ts";

export type ArgumentGuard = {
  /** Takes the next piece as the backend wrote it; returns what may be sent now. */
  push(text: string): string;
  /**
   * Whether pieces would be sent as they are, and change nothing about what follows.
   * @param written the pieces as `JSON.stringify` writes them
   */
  passes(written: readonly string[]): boolean;
  /** No more text will come: returns what was held back. */
  end(): string;
  /** The repairer's state; `open` also while nothing was sent. */
  readonly state: JsonRepairer["state"];
};

/** A part of a string of a JSON text that is itself written in a JSON string, with whole escapes. */
const innerText =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a string.
  /^[^"\\\u0000-\u001f]*(?:\\\\(?:\\["\\]|[/bfnrt])[^"\\\u0000-\u001f]*)*$/;

/**
 * @param schema the tool's input schema: a `null` that it does not allow is left out, because Claude Code refuses it
 */
export function createArgumentGuard(schema?: JsonObject): ArgumentGuard {
  const repairer = createJsonRepairer(schema);
  let phase: "before" | "repairing" | "holding" = "before";
  /** Everything received, as long as only the first brace was sent. */
  let raw: string | undefined = "";

  return {
    get state() {
      return phase === "repairing" ? repairer.state : "open";
    },
    push(text) {
      if (raw !== undefined) raw += text;
      if (phase === "before") {
        const start = text.search(/\S/);
        if (start !== -1) phase = text[start] === "{" ? "repairing" : "holding";
      }
      if (phase !== "repairing") return "";
      const repaired = repairer.push(text);
      if (repairer.hasMembers) raw = undefined;
      return repaired;
    },
    passes: (written) =>
      phase === "repairing" && repairer.isInValue && written.every((piece) => innerText.test(piece)),
    end() {
      if (phase !== "repairing") return normalizeArguments(raw ?? "");
      if (repairer.state !== "broken" || raw === undefined) return repairer.end();
      return JSON.stringify(wrapRawArguments(raw)).slice(1);
    },
  };
}

/**
 * Turns arguments that did not begin as an object into one. Nothing, `null` and `""` mean no arguments; a JSON text
 * inside a JSON string is unpacked; an object after prose is extracted. Anything else goes to the client unchanged, so
 * that the tool's schema refuses it and the model hears about it.
 */
export function normalizeArguments(raw: string): string {
  const text = raw.trim();
  if (text === "") return "{}";
  const value = parseJson(text);
  if (value === null || value === "") return "{}";
  if (typeof value === "string") return normalizeArguments(value);
  if (isObject(value)) return text;
  if (value !== undefined) return JSON.stringify({ value });
  const brace = text.indexOf("{");
  if (brace > 0) {
    const repairer = createJsonRepairer();
    const found = repairer.push(text.slice(brace));
    if (repairer.state === "complete") return found;
  }
  return JSON.stringify(wrapRawArguments(raw));
}

/** Text that is no object, under a name that no tool uses, so that the client's schema check refuses the call. */
export function wrapRawArguments(text: string): JsonObject {
  return { _raw_arguments: text };
}

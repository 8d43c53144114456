/**
 * The text of a tool call's arguments, made safe while it streams: the client's SDK loses the whole answer over one
 * stray brace. What leaves here is at every moment the prefix of one valid JSON object.
 *
 * A call that was cut off is left cut off: closing its quotes would turn half a command into one that runs
 * (Claude Code reports the bad input to the model instead).
 */
import { isObject, type JsonObject, parseJson } from "../lib/json.ts";
import { createJsonRepairer, type JsonRepairer } from "../lib/repair-json.ts";

export type ArgumentGuard = {
  /** Takes the next piece as the backend wrote it; returns what may be sent now. */
  push(text: string): string;
  /** No more will come: returns what was held back. */
  end(): string;
  /** As the repairer has it; `open` also while nothing has left. */
  readonly state: JsonRepairer["state"];
};

/** @param schema the tool's input schema: a `null` that it does not allow is left out, because Claude Code refuses it */
export function createArgumentGuard(schema?: JsonObject): ArgumentGuard {
  const repairer = createJsonRepairer(schema);
  let phase: "before" | "repairing" | "holding" = "before";
  /** Everything that came, as long as nothing but the first brace has left. */
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
    end() {
      if (phase !== "repairing") return normaliseArguments(raw ?? "");
      if (repairer.state !== "broken" || raw === undefined) return repairer.end();
      return JSON.stringify(wrapRawArguments(raw)).slice(1);
    },
  };
}

/**
 * Arguments that did not begin as an object, made into one: nothing, `null` and `""` mean no arguments, a JSON
 * text inside a JSON string is unpacked, an object after prose is found, and anything else is handed to the
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
    const repairer = createJsonRepairer();
    const found = repairer.push(text.slice(brace));
    if (repairer.state === "complete") return found;
  }
  return JSON.stringify(wrapRawArguments(raw));
}

/** Text that is no object, under a name that no tool knows, so that the client's schema check refuses the call. */
export function wrapRawArguments(text: string): JsonObject {
  return { _raw_arguments: text };
}

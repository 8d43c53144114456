/**
 * Which call a fragment belongs to. OpenAI numbers the calls of an answer with `index`; other servers leave it
 * out, reuse 0 for every call, repeat ids and names, or send the whole text so far each time.
 */
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { ReplyEvent } from "../../reply.ts";

type Call = {
  readonly lane: number;
  readonly index: number | undefined;
  id: string;
  name: string;
  /** All argument text so far. */
  json: string;
  started: boolean;
};

export type ToolCallReader = {
  /** One element of `tool_calls`, or a legacy `function_call` in its place. */
  push(fragment: unknown): ReplyEvent[];
  end(): ReplyEvent[];
};

/** @param clientName the client's name of a tool, given the backend's */
export function createToolCallReader(clientName: (name: string) => string): ToolCallReader {
  const calls: Call[] = [];

  function add(index: number | undefined): Call {
    const call = { lane: calls.length, index, id: "", name: "", json: "", started: false };
    calls.push(call);
    return call;
  }

  function find(index: number | undefined, id: string, name: string): Call {
    if (index !== undefined) {
      const call = calls.findLast((one) => one.index === index);
      // A known index with another id and a name is a new call: some servers send 0 for all.
      if (call) return id !== "" && call.id !== "" && id !== call.id && name !== "" ? add(index) : call;
      const repeated = id !== "" && name === "" ? calls.find((one) => one.id === id) : undefined;
      return repeated ?? add(index);
    }
    if (id !== "") return calls.find((call) => call.id === id) ?? add(undefined);
    const last = calls[calls.length - 1];
    if (!last) return add(undefined);
    if (name === "") return last;
    const isOther = isComplete(last.json) || (last.json === "" && name !== last.name);
    return isOther ? add(undefined) : last;
  }

  return {
    push(fragment) {
      if (!isObject(fragment)) return [];
      const details = isObject(fragment.function) ? fragment.function : fragment;
      const id = text(fragment.id);
      const name = text(details.name);
      const call = find(typeof fragment.index === "number" ? fragment.index : undefined, id, name);
      if (call.id === "") call.id = id;
      if (call.name === "") call.name = name;
      const json = newArguments(call, details);
      call.json += json;
      if (call.started) return json === "" ? [] : [{ type: "tool-delta", lane: call.lane, json }];
      if (call.name === "") return [];
      call.started = true;
      const start: ReplyEvent = {
        type: "tool-start",
        lane: call.lane,
        id: call.id,
        name: clientName(call.name),
      };
      return call.json === "" ? [start] : [start, { type: "tool-delta", lane: call.lane, json: call.json }];
    },
    end() {
      return calls.filter((call) => call.started).map(({ lane }) => ({ type: "tool-end", lane }));
    },
  };
}

/** The argument text that is new: a server that repeats everything so far adds only what follows it. */
function newArguments(call: Call, details: JsonObject): string {
  const given = details.arguments ?? details.parameters;
  const json = typeof given === "string" ? given : isObject(given) ? JSON.stringify(given) : "";
  // No valid continuation of `{"…` begins with that very text, so this cannot be a coincidence. The lengths come
  // first: looking into the text of a long call at every fragment would cost its square.
  const repeats = json.length >= call.json.length && call.json.startsWith('{"') && json.startsWith(call.json);
  return repeats ? json.slice(call.json.length) : json;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isComplete(json: string): boolean {
  if (!json.trimEnd().endsWith("}")) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

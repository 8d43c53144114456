/**
 * Finds the call that a fragment belongs to. OpenAI numbers the calls of an answer with `index`; other servers leave
 * it out, use 0 for every call, repeat ids and names, or send the whole text so far each time.
 */
import { ProxyError } from "../../../errors.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import { createJsonRepairer, type JsonRepairer } from "../../../lib/repair-json.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { ToolName } from "../../tools/choose-tool-names.ts";

type Call = {
  readonly lane: number;
  readonly index: number | undefined;
  id: string;
  name: string;
  /** All argument text so far. */
  json: string;
  /** Follows the arguments of a call without an index, whose end shows that the next one begins. */
  readonly follower: JsonRepairer | undefined;
  started: boolean;
  /** Whether each piece contains the whole text so far; undefined until the second piece shows it. */
  repeats: boolean | undefined;
};

export type ToolCallReader = {
  /**
   * One element of `tool_calls`, or a legacy `function_call`.
   * @throws ProxyError `upstream` for more calls than any client could run
   */
  push(fragment: unknown): ReplyEvent[];
  end(): ReplyEvent[];
};

/** Calls of one answer. */
const maxCalls = 1000;

/** @param clientName the client's name of a tool, given the backend's */
export function createToolCallReader(clientName: (name: string) => ToolName): ToolCallReader {
  const calls: Call[] = [];

  function add(index: number | undefined): Call {
    if (calls.length === maxCalls)
      throw new ProxyError("upstream", `The backend made more than ${maxCalls} tool calls in one answer`);
    const call = {
      lane: calls.length,
      index,
      id: "",
      name: "",
      json: "",
      follower: index === undefined ? createJsonRepairer() : undefined,
      started: false,
      repeats: undefined,
    };
    calls.push(call);
    return call;
  }

  return {
    push(fragment) {
      if (!isObject(fragment)) return [];
      const details = isObject(fragment.function) ? fragment.function : fragment;
      const id = asString(fragment.id);
      const name = asString(details.name);
      const index = typeof fragment.index === "number" ? fragment.index : undefined;
      const call = findCall(calls, index, id, name) ?? add(index);
      if (call.id === "") call.id = id;
      if (call.name === "") call.name = name;
      const json = newArguments(call, details);
      call.json += json;
      call.follower?.push(json);
      if (call.started) return json === "" ? [] : [{ type: "tool-delta", lane: call.lane, json }];
      if (call.name === "") return [];
      call.started = true;
      const { name: known, toolset } = clientName(call.name);
      const start: ReplyEvent = {
        type: "tool-start",
        lane: call.lane,
        id: call.id,
        name: known,
        ...(toolset !== undefined && { toolset }),
      };
      return call.json === "" ? [start] : [start, { type: "tool-delta", lane: call.lane, json: call.json }];
    },
    end() {
      return calls.filter((call) => call.started).map(({ lane }) => ({ type: "tool-end", lane }));
    },
  };
}

/** The call that a fragment belongs to; undefined if it begins a new one. */
function findCall(
  calls: readonly Call[],
  index: number | undefined,
  id: string,
  name: string,
): Call | undefined {
  if (index !== undefined) {
    const call = calls.findLast((one) => one.index === index);
    // A known index with a different id and a name is a new call: some servers send 0 for all.
    if (call) return id !== "" && call.id !== "" && id !== call.id && name !== "" ? undefined : call;
    return id !== "" && name === "" ? calls.find((one) => one.id === id) : undefined;
  }
  if (id !== "") return calls.find((call) => call.id === id);
  const last = calls.at(-1);
  if (!last || name === "") return last;
  const isOther = isComplete(last) || (last.json === "" && name !== last.name);
  return isOther ? undefined : last;
}

/**
 * The new part of the argument text. Some servers send everything so far each time; the second piece shows which, and
 * that holds for the whole call. Lengths are compared first, because comparing the text of a long call at every
 * fragment would be quadratic.
 */
function newArguments(call: Call, details: JsonObject): string {
  const given = details.arguments ?? details.parameters;
  const json = typeof given === "string" ? given : isObject(given) ? JSON.stringify(given) : "";
  if (json === "" || call.json === "" || call.repeats === false) return json;
  const repeats = json.length >= call.json.length && json.startsWith(call.json);
  call.repeats ??= repeats && call.json.startsWith("{") && !isOpenForValue(call.json);
  return call.repeats && repeats ? json.slice(call.json.length) : json;
}

/** Whether an object may begin here: then a piece that begins like the whole may be nested in it. */
function isOpenForValue(json: string): boolean {
  return /[:,[]\s*$/.test(json);
}

function isComplete({ follower }: Call): boolean {
  return follower?.state === "complete" || follower?.state === "empty";
}

/** Turns fragments of tool calls into facts. No call is lost, and none is emitted twice. */
import { ProxyError } from "../../../errors.ts";
import { GrowingText } from "../../../lib/copy-text.ts";
import { asString, isObject, type JsonObject } from "../../../lib/json.ts";
import type { ReplyEvent } from "../../../reply.ts";
import type { ToolName } from "../../tools/choose-tool-names.ts";
import { findCall, hasEnded, isRepetition, type PartialCall } from "./find-tool-call.ts";

/** Calls of one answer. */
const maxCalls = 1000;

const nothing: readonly ReplyEvent[] = [];

export class ToolCallReader {
  readonly #clientName: (name: string) => ToolName;
  readonly #calls: PartialCall[] = [];
  #lanes = 0;

  /** @param clientName the client's name of a tool, given the backend's */
  constructor(clientName: (name: string) => ToolName) {
    this.#clientName = clientName;
  }

  /**
   * One element of `tool_calls`, or a legacy `function_call`.
   * @param choice the choice that it came in
   * @param isRepeated it is part of a message that may repeat what was said before
   * @throws ProxyError `upstream` for more calls than any client could run
   */
  push(fragment: unknown, choice = 0, isRepeated = false): ReplyEvent[] {
    if (!isObject(fragment)) return [];
    const details = isObject(fragment.function) ? fragment.function : fragment;
    const id = asString(fragment.id);
    const name = asString(details.name);
    const index = typeof fragment.index === "number" ? fragment.index : undefined;
    const given = readArguments(details);
    const found = findCall(this.#calls, { choice, index, id, name, json: given, isRepeated });
    const call = typeof found === "string" ? this.#add(choice, index, found === "doubtful") : found;
    if (call.id === "") call.id = id;
    if (call.name === "") call.name = name;
    const json = call.isDoubtful && hasEnded(call) ? "" : newArguments(call, given);
    call.said.add(json);
    if (call.lane !== undefined) return json === "" ? [] : [{ type: "tool-delta", lane: call.lane, json }];
    if (!call.isDoubtful) return this.#start(call);
    // Looked at once, when its arguments are whole: comparing again at every fragment would be quadratic.
    return json !== "" && hasEnded(call) ? this.#decide(call, false) : [];
  }

  /**
   * The lane of the last call, if a fragment that has nothing but this `index` and arguments continues it, and adds all
   * of them; undefined if it must be looked at.
   */
  findSteadyLane(index: number): number | undefined {
    const call = this.#calls.at(-1);
    const isSteady = call?.choice === 0 && !call.isDoubtful && call.repeats === false;
    return isSteady && call.indexes.includes(index) ? call.lane : undefined;
  }

  /** Adds to the arguments of the last call. */
  extendLast(json: string): void {
    const call = this.#calls.at(-1);
    call?.said.add(json);
  }

  end(): readonly ReplyEvent[] {
    if (this.#calls.length === 0) return nothing;
    const held = this.#calls.filter((call) => call.isDoubtful).flatMap((call) => this.#decide(call, true));
    for (let lane = 0; lane < this.#lanes; lane += 1) held.push({ type: "tool-end", lane });
    return held;
  }

  /** Whether the arguments of a call are not whole. */
  get isCut(): boolean {
    return this.#calls.some((call) => call.lane !== undefined && isOpenObject(call));
  }

  #add(choice: number, index: number | undefined, isDoubtful: boolean): PartialCall {
    if (this.#calls.length === maxCalls)
      throw new ProxyError("upstream", `The backend made more than ${maxCalls} tool calls in one answer`, {
        isOurs: true,
      });
    const call: PartialCall = {
      choice,
      indexes: index === undefined ? [] : [index],
      id: "",
      name: "",
      said: new GrowingText(),
      follower: undefined,
      lane: undefined,
      isDoubtful,
      repeats: undefined,
    };
    this.#calls.push(call);
    return call;
  }

  #start(call: PartialCall): ReplyEvent[] {
    if (call.name === "") return [];
    const lane = this.#lanes++;
    call.lane = lane;
    const { name, toolset } = this.#clientName(call.name);
    const fact: ReplyEvent = {
      type: "tool-start",
      lane,
      id: call.id,
      name,
      ...(toolset !== undefined && { toolset }),
    };
    return call.said.length === 0 ? [fact] : [fact, { type: "tool-delta", lane, json: call.said.text }];
  }

  /** Emits a doubtful call, drops it, or lets it wait. */
  #decide(call: PartialCall, isLast: boolean): ReplyEvent[] {
    const isRepeated = isRepetition(this.#calls, call, isLast);
    if (isRepeated === undefined) return [];
    if (isRepeated) {
      this.#calls.splice(this.#calls.indexOf(call), 1);
      return [];
    }
    call.isDoubtful = false;
    return this.#start(call);
  }
}

function isOpenObject({ said: { text: json } }: PartialCall): boolean {
  return /^\s*\{/.test(json) && !/\}\s*$/.test(json);
}

function readArguments(details: JsonObject): string {
  const given = details.arguments ?? details.parameters ?? details.input ?? "";
  return typeof given === "string" ? given : JSON.stringify(given);
}

/**
 * The new part of the argument text. Some servers send everything so far each time; the second piece shows which, and
 * that holds for the whole call. Lengths are compared first, because comparing the text of a long call at every
 * fragment would be quadratic.
 */
function newArguments(call: PartialCall, json: string): string {
  const { said, repeats: usually } = call;
  if (json === "" || said.length === 0 || usually === false) return json;
  const repeats = json.length >= said.length && json.startsWith(said.text);
  call.repeats ??= repeats && said.text.startsWith("{") && !isOpenForValue(said.text);
  return call.repeats && repeats ? json.slice(said.length) : json;
}

/** Whether an object may begin here: then a piece that begins like the whole may be nested in it. */
function isOpenForValue(json: string): boolean {
  return /[:,[]\s*$/.test(json);
}

/** Turns the items of an answer into facts, whether they come in pieces or whole. */
import { ProxyError } from "../../../errors.ts";
import { asObject, asString, isObject, type JsonObject, listOf } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { createSearchReader, type SearchReader } from "../../answer/read-search.ts";
import type { WrittenRequest } from "../../protocol.ts";
import {
  createThinkTagSplitter,
  type Piece,
  type ThinkTagSplitter,
} from "../../reasoning/split-think-tags.ts";
import { packItems } from "../carry-items.ts";
import {
  createItem,
  findKnown,
  joinTexts,
  type OutputItem,
  restOf,
  summaryGap,
  writeArguments,
} from "./output-item.ts";

export type PartialResponse = {
  readonly plan: Plan;
  readonly written: WrittenRequest;
  readonly search: SearchReader | undefined;
  readonly splitter: ThinkTagSplitter | undefined;
  readonly items: OutputItem[];
  /** By the place in the output; a server that gives all items one place means the last of them. */
  readonly byPlace: Map<unknown, OutputItem>;
  lanes: number;
  /** Reasoning items that wait for what follows them. */
  held: JsonObject[];
  /** Of the message that has begun. */
  phase: string | undefined;
  /** The last fact was about text. */
  hasSaid: boolean;
  /** A message has begun right after another one. */
  isNextMessage: boolean;
  hasRefused: boolean;
  searches: number;
  facts: ReplyEvent[];
};

/** Of one answer. */
const maxCalls = 1000;
const maxItems = 5000;

export function beginResponse(plan: Plan, written: WrittenRequest): PartialResponse {
  return {
    plan,
    written,
    search: createSearchReader(plan),
    splitter: plan.quirks.reasoning.thinkTags ? createThinkTagSplitter() : undefined,
    items: [],
    byPlace: new Map(),
    lanes: 0,
    held: [],
    phase: undefined,
    hasSaid: false,
    isNextMessage: false,
    hasRefused: false,
    searches: 0,
    facts: [],
  };
}

/**
 * The item at a place, which begins with its first piece if the server has not announced it.
 * @param place where it is in the output, or its id if the server numbers nothing
 */
export function findItem(answer: PartialResponse, place: unknown, type: string): OutputItem {
  const known = answer.byPlace.get(place);
  if (known?.type === type) return known;
  const isOpen = (item: OutputItem) => item.type === type && !item.hasEnded;
  return answer.items.findLast(isOpen) ?? beginItem(answer, place, { type });
}

/** @throws ProxyError `upstream` for more items, or calls, than any client could use */
export function beginItem(answer: PartialResponse, place: unknown, item: JsonObject): OutputItem {
  if (answer.items.length === maxItems)
    throw new ProxyError("upstream", `The backend's answer has more than ${maxItems} items`, {
      isOurs: true,
    });
  const begun = createItem(item);
  answer.items.push(begun);
  answer.byPlace.set(place, begun);
  if (begun.type === "function_call") {
    startCall(answer, begun, item);
    addArguments(answer, begun, writeArguments(item.arguments));
  } else if (begun.type === "message") {
    answer.phase = asString(item.phase) || undefined;
    // Two messages with nothing between them are one text for the client.
    answer.isNextMessage = answer.hasSaid;
  }
  return begun;
}

function startCall(answer: PartialResponse, item: OutputItem, { name, call_id }: JsonObject): void {
  if (asString(name) === "") return;
  if (answer.lanes === maxCalls)
    throw new ProxyError("upstream", `The backend made more than ${maxCalls} tool calls in one answer`, {
      isOurs: true,
    });
  endText(answer);
  closeReasoning(answer, undefined);
  answer.hasSaid = false;
  const lane = answer.lanes++;
  item.lane = lane;
  const tool = answer.written.clientToolName(asString(name));
  answer.facts.push({
    type: "tool-start",
    lane,
    id: asString(call_id) || item.id,
    name: tool.name,
    ...(tool.toolset !== undefined && { toolset: tool.toolset }),
  });
}

/** The whole item: says what its pieces have left out, and ends it. */
export function endItem(answer: PartialResponse, item: OutputItem, whole: JsonObject): void {
  if (item.hasEnded) return;
  item.hasEnded = true;
  switch (item.type) {
    case "function_call":
      return endCall(answer, item, whole);
    case "message":
      if (item.said === "") answer.phase ??= asString(whole.phase) || undefined;
      return endMessage(answer, item, listOf(whole.content).filter(isObject));
    case "reasoning":
      return endReasoning(answer, item, whole);
    case "web_search_call":
      return endSearch(answer, whole);
    default:
      return;
  }
}

function endCall(answer: PartialResponse, item: OutputItem, whole: JsonObject): void {
  const early = item.said;
  if (item.lane === undefined) {
    startCall(answer, item, whole);
    item.said = "";
    addArguments(answer, item, early);
  }
  addArguments(answer, item, restOf(item.said, writeArguments(whole.arguments)));
  if (item.lane !== undefined) answer.facts.push({ type: "tool-end", lane: item.lane });
}

function endMessage(answer: PartialResponse, item: OutputItem, parts: readonly JsonObject[]): void {
  const texts = parts.map(({ type, text, refusal }) =>
    type === "refusal" ? asString(refusal) : asString(text),
  );
  if (parts.some(({ type }) => type === "refusal")) answer.hasRefused = true;
  addMessageText(answer, item, restOf(item.said, texts.join("")));
  for (const part of parts) answer.search?.read(part);
  endText(answer);
  // A call that follows would come between the text and its citations.
  answer.facts.push(...(answer.search?.cite() ?? []));
}

function endReasoning(answer: PartialResponse, item: OutputItem, whole: JsonObject): void {
  const [summary, content] = [joinTexts(whole.summary, summaryGap), joinTexts(whole.content, "")];
  const isContent = item.kind === "content" || (item.kind === undefined && summary === "");
  const rest = restOf(item.said, isContent ? content : summary);
  addThinking(answer, item, isContent ? "content" : "summary", rest, item.part);
  answer.held.push(whole);
}

function endSearch(answer: PartialResponse, { action }: JsonObject): void {
  if (!isObject(action) || action.type !== "search") return;
  answer.searches += 1;
  const { query, queries, sources } = action;
  const asked = asString(query) || listOf(queries).map(asString).join(", ");
  answer.facts.push(...(answer.search?.searched(asked, listOf(sources)) ?? []));
}

/** The whole text of an item that has come in pieces, or not at all. */
export function addRest(answer: PartialResponse, item: OutputItem, whole: string): void {
  const rest = restOf(item.said, whole);
  if (item.type === "function_call") addArguments(answer, item, rest);
  else addMessageText(answer, item, rest);
}

export function addArguments({ facts }: PartialResponse, item: OutputItem, json: string): void {
  if (json === "") return;
  item.said += json;
  if (item.lane !== undefined) facts.push({ type: "tool-delta", lane: item.lane, json });
}

/** @param part of the summary that the text belongs to */
export function addThinking(
  answer: PartialResponse,
  item: OutputItem,
  kind: "summary" | "content",
  text: string,
  part?: unknown,
): void {
  if (text === "" || (item.kind ?? kind) !== kind) return;
  const isNextPart = item.said !== "" && part !== item.part && kind === "summary";
  const isNextItem = item.said === "" && answer.held.length > 0;
  answer.hasSaid = false;
  item.kind = kind;
  item.part = part;
  item.said += isNextPart ? summaryGap + text : text;
  answer.facts.push({ type: "thinking-delta", text: isNextPart || isNextItem ? summaryGap + text : text });
}

export function addMessageText(answer: PartialResponse, item: OutputItem, text: string): void {
  if (text === "") return;
  item.said += text;
  if (answer.splitter) addPieces(answer, answer.splitter.push(text));
  else addText(answer, text);
}

function addPieces(answer: PartialResponse, pieces: readonly Piece[]): void {
  for (const { kind, text } of pieces) {
    if (kind === "thinking") answer.facts.push({ type: "thinking-delta", text });
    else addText(answer, text);
  }
}

function addText(answer: PartialResponse, text: string): void {
  const hasCarrier = closeReasoning(answer, answer.phase);
  const said = answer.isNextMessage && !hasCarrier ? `\n\n${text}` : text;
  answer.phase = undefined;
  answer.isNextMessage = false;
  answer.hasSaid = true;
  answer.search?.said(said);
  answer.facts.push({ type: "text-delta", text: said });
}

function endText(answer: PartialResponse): void {
  if (answer.splitter) addPieces(answer, answer.splitter.end());
}

/**
 * Emits what the client must send back before what follows now.
 *
 * @param isLate it should have come before what has been said
 */
function closeReasoning(answer: PartialResponse, phase: string | undefined, isLate = false): boolean {
  const { held, plan } = answer;
  // A phase alone is not worth a block that the client may not expect.
  if (held.length === 0 && (phase === undefined || plan.reasoning.on !== true)) return false;
  answer.held = [];
  const carrier = packItems(held, { phase, isLate }, plan);
  if (carrier !== undefined) answer.facts.push({ type: "thinking-carrier", carrier });
  return carrier !== undefined;
}

/** Everything in the output that has not been said yet, and the end of all that is open. */
export function endResponse(answer: PartialResponse, output: readonly unknown[]): void {
  const left = [...answer.items];
  for (const [place, item] of output.entries()) {
    if (!isObject(item)) continue;
    const known = findKnown(left, answer.byPlace.get(place), item);
    if (known) left.splice(left.indexOf(known), 1);
    endItem(answer, known ?? beginItem(answer, place, item), item);
  }
  endText(answer);
  // Some servers end no item before the whole answer.
  const last = asObject(output.at(-1))?.type;
  closeReasoning(answer, undefined, last !== undefined && last !== "reasoning");
  for (const item of answer.items)
    if (item.lane !== undefined && !item.hasEnded) answer.facts.push({ type: "tool-end", lane: item.lane });
  if (answer.searches > 0) answer.search?.counted(answer.searches);
  answer.facts.push(...(answer.search?.end() ?? []));
}

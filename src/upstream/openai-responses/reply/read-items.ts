/** Turns the items of an answer into facts, whether they come in pieces or whole. */
import { ProxyError } from "../../../errors.ts";
import { asObject, asString, isObject, type JsonObject, listOf, parseJson } from "../../../lib/json.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { ReplyEvent } from "../../../reply.ts";
import { createSearchReader, type SearchReader } from "../../answer/read-search.ts";
import type { WrittenRequest } from "../../protocol.ts";
import { type Piece, ThinkTagSplitter } from "../../reasoning/split-think-tags.ts";
import { packItems } from "../carry-items.ts";
import {
  createItem,
  findKnown,
  type ItemPlace,
  joinTexts,
  listParts,
  type OutputItem,
  restOf,
  restOfPart,
  summaryGap,
  turnToPart,
  writeArguments,
} from "./output-item.ts";

export type PartialResponse = {
  readonly plan: Plan;
  /** Not all that was written: the body would stay in memory until the answer has ended. */
  readonly clientToolName: WrittenRequest["clientToolName"];
  readonly search: SearchReader | undefined;
  readonly splitter: ThinkTagSplitter | undefined;
  readonly items: OutputItem[];
  /** By the number in the output; a server that gives all items one number means the last of them. */
  readonly byIndex: Map<unknown, OutputItem>;
  /** By its own id and, for calls, the id of the call. */
  readonly byId: Map<string, OutputItem>;
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

export function beginResponse(plan: Plan, { clientToolName }: WrittenRequest): PartialResponse {
  return {
    plan,
    clientToolName,
    search: createSearchReader(plan),
    splitter: plan.quirks.reasoning.thinkTags ? new ThinkTagSplitter() : undefined,
    items: [],
    byIndex: new Map(),
    byId: new Map(),
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

/** The item at a place, which begins with its first piece if the server has not announced it. */
export function findItem(answer: PartialResponse, place: ItemPlace, type: string): OutputItem {
  const isOpen = (item: OutputItem) => item.type === type && !item.hasEnded;
  return (
    findPlaced(answer, place, type) ?? answer.items.findLast(isOpen) ?? beginItem(answer, place, { type })
  );
}

/** Some servers number their items wrong, others change the ids from event to event. */
function findPlaced(
  { byIndex, byId }: PartialResponse,
  { index, id }: ItemPlace,
  type: string,
): OutputItem | undefined {
  const [atIndex, named] = [byIndex.get(index), byId.get(id)];
  if (atIndex?.type === type && atIndex.id === id) return atIndex;
  if (named?.type === type) return named;
  // What comes under another id after the end of an item belongs to the next one.
  const isNext = atIndex?.hasEnded && id !== "";
  return atIndex?.type === type && !isNext ? atIndex : undefined;
}

/** Begins an item, unless it has begun: with a piece that came too early, or because it is announced twice. */
export function announceItem(answer: PartialResponse, place: ItemPlace, item: JsonObject): void {
  const { type, id, callId } = createItem(item);
  const placed = findPlaced(answer, place, type);
  if (placed?.isAnnounced && id !== "" && placed.id === id && placed.callId === callId) return;
  const isEarly = (one: OutputItem) => one.type === type && !one.isAnnounced && !one.hasEnded;
  const early = placed && isEarly(placed) ? placed : answer.items.findLast(isEarly);
  const announced = early ?? beginItem(answer, place, item);
  announced.isAnnounced = true;
  if (!early) return;
  Object.assign(early, { id, callId });
  register(answer, place, early);
  if (type === "function_call") nameCall(answer, early, item);
}

/** @throws ProxyError `upstream` for more items, or calls, than any client could use */
export function beginItem(answer: PartialResponse, place: ItemPlace, item: JsonObject): OutputItem {
  if (answer.items.length === maxItems)
    throw new ProxyError("upstream", `The backend's answer has more than ${maxItems} items`, {
      isOurs: true,
    });
  const begun = createItem(item);
  answer.items.push(begun);
  register(answer, place, begun);
  if (begun.type === "function_call") {
    nameCall(answer, begun, item);
    begun.announced = writeArguments(item.arguments);
  } else if (begun.type === "message") {
    answer.phase = asString(item.phase) || undefined;
    // Two messages with nothing between them are one text for the client.
    answer.isNextMessage = answer.hasSaid;
  }
  return begun;
}

function register({ byIndex, byId }: PartialResponse, { index, id }: ItemPlace, item: OutputItem): void {
  if (index !== undefined) byIndex.set(index, item);
  for (const name of [id, item.id, item.callId]) if (name !== "") byId.set(name, item);
}

/** Emits a call once its name is known, with the arguments that came before. */
function nameCall(answer: PartialResponse, item: OutputItem, named: JsonObject): void {
  if (item.lane !== undefined) return;
  startCall(answer, item, named);
  const early = item.said;
  item.said = "";
  addArguments(answer, item, early);
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
  const tool = answer.clientToolName(asString(name));
  answer.facts.push({
    type: "tool-start",
    lane,
    id: asString(call_id) || item.callId || item.id,
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
      return endMessage(answer, item, listParts(whole.content));
    case "reasoning":
      return endReasoning(answer, item, whole);
    case "web_search_call":
      return endSearch(answer, whole);
    default:
      return;
  }
}

function endCall(answer: PartialResponse, item: OutputItem, whole: JsonObject): void {
  nameCall(answer, item, whole);
  addArguments(answer, item, restOf(item.said, writeArguments(whole.arguments) || announcedBy(item)));
  if (item.lane !== undefined) answer.facts.push({ type: "tool-end", lane: item.lane });
}

function announcedBy({ said, announced }: OutputItem): string {
  return said === "" ? announced : "";
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

/** All arguments of a call, of which pieces may have come. */
export function addWholeArguments(answer: PartialResponse, item: OutputItem, whole: JsonObject): void {
  nameCall(answer, item, whole);
  addArguments(answer, item, restOf(item.said, writeArguments(whole.arguments)));
}

/** A piece of the arguments. What was announced before is its beginning, unless it was whole: then it begins anew. */
export function addPiece(answer: PartialResponse, item: OutputItem, json: string): void {
  const announced = announcedBy(item);
  if (json !== "" && announced !== "" && parseJson(announced) === undefined)
    addArguments(answer, item, announced);
  addArguments(answer, item, json);
}

function addArguments({ facts }: PartialResponse, item: OutputItem, json: string): void {
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
  const isNextItem = item.said === "" && answer.held.length > 0;
  const isNextPart = turnToPart(item, part) && kind === "summary";
  answer.hasSaid = false;
  item.kind = kind;
  if (isNextPart) {
    item.said += summaryGap;
    item.partStart = item.said.length;
  }
  item.said += text;
  answer.facts.push({ type: "thinking-delta", text: isNextPart || isNextItem ? summaryGap + text : text });
}

/** A whole part of reasoning, of which pieces may have come. */
export function addWholeThinking(
  answer: PartialResponse,
  item: OutputItem,
  kind: "summary" | "content",
  whole: string,
  part: unknown,
): void {
  if ((item.kind ?? kind) === kind) addThinking(answer, item, kind, restOfPart(item, part, whole), part);
}

/** A whole part of a message, of which pieces may have come. */
export function addWholeText(answer: PartialResponse, item: OutputItem, whole: string, part: unknown): void {
  addMessageText(answer, item, restOfPart(item, part, whole), part);
}

export function addMessageText(
  answer: PartialResponse,
  item: OutputItem,
  text: string,
  part: unknown = item.part,
): void {
  if (text === "") return;
  turnToPart(item, part);
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
  for (const [index, item] of output.entries()) {
    if (!isObject(item)) continue;
    const known = findKnown(left, answer.byIndex.get(index), item);
    if (known) left.splice(left.indexOf(known), 1);
    endItem(answer, known ?? beginItem(answer, { index, id: asString(item.id) }, item), item);
  }
  endText(answer);
  // Some servers end no item before the whole answer.
  const last = asObject(output.at(-1))?.type;
  closeReasoning(answer, undefined, last !== undefined && last !== "reasoning");
  for (const item of answer.items)
    if (item.type === "function_call" && !item.hasEnded) endItem(answer, item, {});
  if (answer.searches > 0) answer.search?.counted(answer.searches);
  answer.facts.push(...(answer.search?.end() ?? []));
}

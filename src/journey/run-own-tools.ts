/**
 * Runs the tools that the proxy runs itself, and asks the model again with their results, until it has said what it has
 * to say. The client sees one answer, as from Anthropic's servers: text as it arrives, then each call and its result.
 */
import { createArgumentGuard } from "../anthropic/guard-arguments.ts";
import { messagesRequest, type RequestMessage, type ToolChoice } from "../anthropic/wire.ts";
import { MessageFold } from "../anthropic/write-message.ts";
import { StreamWriter, type WriterOptions } from "../anthropic/write-stream.ts";
import type { SearchService } from "../catalog/search-apis.ts";
import { toProxyError } from "../errors.ts";
import { createId } from "../lib/create-id.ts";
import { asString, isObject, type JsonObject, parseJson } from "../lib/json.ts";
import type { OwnTool } from "../plan/own-tools.ts";
import type { Plan } from "../plan/plan.ts";
import { searchTools } from "../plan/search-tools.ts";
import {
  addUsage,
  type BegunReply,
  type Reply,
  type ReplyEvent,
  readAll,
  type SearchResult,
  type Usage,
  type WebSearchFault,
} from "../reply.ts";
import { emptySignature } from "../upstream/reasoning/pack-carrier.ts";
import { findPages, type SearchOptions } from "./answer-search.ts";
import { type Preparation, planAdapted } from "./prepare-plan.ts";

/** How often the model is asked again. After that the client may send the conversation back to go on. */
const maxRounds = 5;
/** Characters. */
const maxQueryLength = 1000;

type LoopOptions = SearchOptions &
  Preparation & {
    readonly searchService?: SearchService | undefined;
    /** Asks the backend; `plan` is what was sent in the end. */
    readonly open: (plan: Plan) => Promise<BegunReply & { readonly plan: Plan }>;
  };

export async function* runOwnTools(first: Plan, options: LoopOptions): Reply {
  const searchWeb = createWebSearch(options);
  let plan = first;
  let spent: Usage | undefined;
  for (let round = 0; ; round += 1) {
    const asked = await options.open(plan);
    const turn = yield* readTurn(asked, plan, spent);
    spent = turn.usage;
    if (turn.calls.length === 0 || turn.finish?.reason !== "stop") {
      yield turn.finish ? [...turn.held, turn.finish] : [...turn.held];
      return;
    }
    if (round === maxRounds && !turn.callsClient) {
      yield [...turn.held, { type: "finish", reason: "pause" }];
      return;
    }
    const results = await Promise.all(turn.calls.map((call) => runCall(call, asked.plan, searchWeb)));
    yield [...results, ...turn.held];
    if (turn.callsClient) {
      yield [turn.finish];
      return;
    }
    const max_tokens = first.request.max_tokens - (spent?.outputTokens ?? 0);
    if (max_tokens <= 0) {
      yield [{ type: "finish", reason: "max-tokens" }];
      return;
    }
    const facts = [...turn.said, ...results, ...turn.held, turn.finish];
    try {
      plan = await planAgain(asked.plan, facts, max_tokens, options);
    } catch (thrown) {
      yield [{ type: "failure", error: toProxyError(thrown) }];
      return;
    }
  }
}

type OwnCall = { readonly own: OwnTool; readonly input: JsonObject };

type Turn = {
  readonly calls: readonly OwnCall[];
  /** What the client has seen, and what follows the first of the calls, so that it comes after the results. */
  readonly said: readonly ReplyEvent[];
  readonly held: readonly ReplyEvent[];
  readonly callsClient: boolean;
  /** Undefined if the answer broke off. */
  readonly finish: (ReplyEvent & { type: "finish" }) | undefined;
  /** Of all turns so far. */
  readonly usage: Usage | undefined;
};

/** Passes on what the model says, except for the calls of own tools. */
async function* readTurn(
  reply: BegunReply,
  { ownTools }: Plan,
  spent: Usage | undefined,
): AsyncGenerator<ReplyEvent[], Turn> {
  const open: OpenCalls = new Map();
  const said: ReplyEvent[] = [];
  const held: ReplyEvent[] = [];
  let usage = spent;
  let finish: Turn["finish"];
  for await (const facts of readAll(reply)) {
    const passed: ReplyEvent[] = [];
    for (const fact of facts) {
      if (fact.type === "usage") {
        usage = addUsage(spent, fact.usage);
        passed.push({ type: "usage", usage });
      } else if (fact.type === "finish") finish = fact;
      else if (fact.type === "failure") {
        yield [...passed, fact];
        return { calls: [], said, held: [], callsClient: false, finish: undefined, usage };
      } else if (!takeCall(open, fact, ownTools)) (open.size > 0 ? held : passed).push(fact);
    }
    for (const fact of passed) said.push(fact);
    if (passed.length > 0) yield passed;
  }
  const calls = [...open.values()].map(({ own, write }) => ({ own, input: readInput(write()) }));
  const callsClient = [...said, ...held].some(({ type }) => type === "tool-start");
  return { calls, said, held, callsClient, finish, usage };
}

/** The calls of own tools in this turn, by lane. */
type OpenCalls = Map<number, { readonly own: OwnTool; readonly write: ReturnType<typeof createArguments> }>;

/** Whether the fact belongs to a call of an own tool, and was taken. */
function takeCall(open: OpenCalls, fact: ReplyEvent, ownTools: readonly OwnTool[]): boolean {
  switch (fact.type) {
    case "tool-start": {
      const own = ownTools.find(({ tool }) => tool.name === fact.name && fact.toolset === undefined);
      if (own) open.set(fact.lane, { own, write: createArguments(own) });
      return own !== undefined;
    }
    case "tool-delta":
    case "tool-end": {
      const call = open.get(fact.lane);
      if (fact.type === "tool-delta") call?.write(fact.json);
      return call !== undefined;
    }
    default:
      return false;
  }
}

/** Takes the next piece of the arguments; without one, returns them all. */
function createArguments({ tool }: OwnTool): (json?: string) => string {
  const guard = createArgumentGuard(tool.schema);
  let text = "";
  return (json) => {
    text += json === undefined ? guard.end() : guard.push(json);
    return text;
  };
}

function readInput(text: string): JsonObject {
  const value = parseJson(text);
  return isObject(value) ? value : {};
}

type RunSearch = (
  own: OwnTool & { kind: "web-search" },
  query: string,
) => Promise<readonly SearchResult[] | WebSearchFault>;

async function runCall({ own, input }: OwnCall, plan: Plan, searchWeb: RunSearch): Promise<ReplyEvent> {
  const id = createId("srvtoolu_");
  switch (own.kind) {
    case "tool-search": {
      const found = await searchTools(plan.tools.searchable, own.form, input);
      return { type: "tool-search", id, form: own.form, input, found };
    }
    case "web-search": {
      const query = asString(input.query).trim();
      return { type: "web-search", id, query, found: await searchWeb(own, query) };
    }
    default:
      return own satisfies never;
  }
}

/** Counts the searches of one answer. */
function createWebSearch({ searchService, ...options }: LoopOptions): RunSearch {
  let uses = 0;
  return async ({ maxUses, allowedDomains, blockedDomains }, query) => {
    if (query === "") return "invalid_tool_input";
    if (query.length > maxQueryLength) return "query_too_long";
    if (maxUses !== undefined && uses >= maxUses) return "max_uses_exceeded";
    uses += 1;
    if (!searchService) return "unavailable";
    const pages = await findPages({ query, allowedDomains, blockedDomains }, searchService, options);
    return pages instanceof Error ? "unavailable" : pages;
  };
}

/**
 * The plan for the conversation with this turn in it, in the very form in which the client will send it back.
 *
 * @param max_tokens what is left of the answer's
 */
async function planAgain(
  plan: Plan,
  facts: readonly ReplyEvent[],
  max_tokens: number,
  options: LoopOptions,
): Promise<Plan> {
  const { request } = plan;
  const messages = [...request.messages, writeTurn(plan, facts)];
  const tool_choice = relax(request.tool_choice);
  return await planAdapted(plan, { ...request, messages, tool_choice, max_tokens }, options);
}

function writeTurn({ request, showReasoning }: Plan, facts: readonly ReplyEvent[]): RequestMessage {
  const fold = new MessageFold();
  const options: WriterOptions = {
    model: request.model,
    requestId: "",
    promptSize: () => ({ tokens: 0 }),
    isTaken: () => false,
    toolSchema: () => undefined,
    thinking: showReasoning,
    emptySignature,
  };
  const writer = new StreamWriter(options, fold);
  writer.start();
  writer.push(facts);
  writer.end();
  const { content } = fold.result();
  const [message] = messagesRequest.shape.messages.parse([{ role: "assistant", content }]);
  return message ?? { role: "assistant", content: [] };
}

/** A call that was asked for has been made. */
function relax(choice: ToolChoice | null | undefined): ToolChoice | null | undefined {
  if (choice?.type !== "any" && choice?.type !== "tool") return choice;
  return { type: "auto", disable_parallel_tool_use: choice.disable_parallel_tool_use };
}

/**
 * The one owner of the grammar of content blocks: facts in, stream events out. Blocks leave one after another,
 * whatever order the facts come in: `queue` holds the block that is open at its head and, behind it, the blocks
 * that wait because a tool call still holds the floor. Nothing in the queue is ever mixed or lost.
 */
import { ProxyError } from "../errors.ts";
import { createId } from "../lib/create-id.ts";
import type { JsonObject } from "../lib/json.ts";
import type { FinishReason, ReplyEvent, Usage } from "../reply.ts";
import { type ArgumentGuard, createArgumentGuard } from "./guard-arguments.ts";
import type {
  Citation,
  ContentBlock,
  ContentDelta,
  MessageUsage,
  StopReason,
  StreamEvent,
} from "./wire-reply.ts";
import { writeErrorBody } from "./write-error.ts";
import { writeCitation, writeSearch } from "./write-search.ts";

export type WriterOptions = {
  /** The model's name as the client knows it: Claude Code discards thinking that another model signed. */
  readonly model: string;
  readonly requestId: string;
  /** Estimated prompt tokens, for `message_start`. */
  readonly inputTokens: number;
  /** Tool-use ids of the conversation so far: of two calls with one id Claude Code keeps one. */
  readonly takenToolIds: ReadonlySet<string>;
  readonly toolSchema: (name: string, toolset?: string) => JsonObject | undefined;
  /** `display: "omitted"`: thinking blocks keep their signature and lose their text. */
  readonly hideThinking: boolean;
  /** Signature of thinking for which the backend gave nothing to replay. Never empty: unsigned thinking is dropped. */
  readonly emptySignature: string;
};

export type StreamWriter = {
  /** `message_start`. */
  start(): StreamEvent[];
  push(event: ReplyEvent): StreamEvent[];
  /** Closes and drains; exactly one terminal, `message_stop` or `error`. */
  end(): StreamEvent[];
  /**
   * An empty delta, in a thinking block opened for it when none is open: older Claude Code gives up after 300 s
   * without one, whatever pings it gets.
   */
  keepAlive(): StreamEvent[];
};

/** `isBlank`: only white space so far. Noted piece by piece: a model that repeats newlines must not cost their square. */
type TextBlock = {
  readonly kind: "text";
  waiting: string;
  isBlank: boolean;
  readonly citations: Citation[];
};
type ThinkingBlock = {
  readonly kind: "thinking";
  waiting: string;
  isBlank: boolean;
  carrier: string | undefined;
};
type ToolBlock = {
  readonly kind: "tool";
  readonly id: string;
  readonly name: string;
  readonly toolset: string | undefined;
  readonly guard: ArgumentGuard;
  waiting: string;
  ended: boolean;
};
/** Never waits for more: it is opened and closed at once. */
type SearchBlock = { readonly kind: "search"; readonly search: ReplyEvent & { type: "web-search" } };
type Block = TextBlock | ThinkingBlock | ToolBlock | SearchBlock;
type OpenBlock = Exclude<Block, SearchBlock>;

const emptyDeltas = {
  text: { type: "text_delta", text: "" },
  thinking: { type: "thinking_delta", thinking: "" },
  tool: { type: "input_json_delta", partial_json: "" },
} as const satisfies Record<OpenBlock["kind"], ContentDelta>;

const clientToolId = /^[A-Za-z0-9_-]{8,64}$/;

export function createWriter(options: WriterOptions): StreamWriter {
  const queue: Block[] = [];
  const lanes = new Map<number, ToolBlock>();
  const toolIds = new Set<string>();
  let events: StreamEvent[] = [];
  /** The head of the queue has been started. */
  let isOpen = false;
  let index = 0;
  let previous: Block["kind"] | undefined;
  let usage: Usage | undefined;
  let finish: { reason: FinishReason; stopSequence?: string | undefined } | undefined;
  let sentCharacters = 0;
  let searches = 0;
  let phase: "writing" | "ended" = "writing";

  function delta(delta: ContentDelta): void {
    events.push({ type: "content_block_delta", index, delta });
  }

  function open(content_block: ContentBlock): void {
    events.push({ type: "content_block_start", index, content_block });
    isOpen = true;
  }

  function close(block: Block): void {
    events.push({ type: "content_block_stop", index });
    queue.shift();
    index += 1;
    isOpen = false;
    previous = block.kind;
  }

  /** The last block if it is of this kind and still takes text, else a new one behind it. */
  function tail<Kind extends "text" | "thinking">(kind: Kind): Block & { kind: Kind };
  function tail(kind: "text" | "thinking"): Block {
    const last = queue[queue.length - 1];
    if (last?.kind === kind) return last;
    const empty = { waiting: "", isBlank: true };
    const block: Block =
      kind === "text" ? { kind, ...empty, citations: [] } : { kind, ...empty, carrier: undefined };
    queue.push(block);
    return block;
  }

  function addText(block: TextBlock | ThinkingBlock, text: string): void {
    block.waiting += text;
    block.isBlank &&= text.trim() === "";
  }

  function clientId(id: string): string {
    const usable = clientToolId.test(id) && !toolIds.has(id) && !options.takenToolIds.has(id);
    const chosen = usable ? id : createId("toolu_");
    toolIds.add(chosen);
    return chosen;
  }

  function startTool({ lane, id, name, toolset }: ReplyEvent & { type: "tool-start" }): void {
    const guard = createArgumentGuard(options.toolSchema(name, toolset));
    const block: ToolBlock = {
      kind: "tool",
      id: clientId(id),
      name,
      toolset,
      guard,
      waiting: "",
      ended: false,
    };
    lanes.set(lane, block);
    queue.push(block);
  }

  /** Sends everything that may leave now. At the end (`isLast`) nothing has to wait any more. */
  function pump(isLast: boolean): void {
    for (let block = queue[0]; block; block = queue[0]) {
      const mustClose = isLast || queue.length > 1;
      const advanced =
        block.kind === "text"
          ? pumpText(block, mustClose)
          : block.kind === "thinking"
            ? pumpThinking(block, mustClose)
            : block.kind === "search"
              ? pumpSearch(block)
              : pumpTool(block, mustClose, isLast);
      if (!advanced) return;
    }
  }

  /** Blocks of white space alone never open: clients send them back, and the API refuses them. */
  function pumpText(block: TextBlock, mustClose: boolean): boolean {
    if (!isOpen) {
      if (block.isBlank) return mustClose && skip();
      if (previous === "thinking") block.waiting = block.waiting.replace(/^[\r\n]+/, "");
      open({ type: "text", text: "", citations: null });
    }
    if (block.waiting !== "") delta({ type: "text_delta", text: take(block) });
    for (const citation of block.citations.splice(0)) delta({ type: "citations_delta", citation });
    if (mustClose) close(block);
    return mustClose;
  }

  function pumpSearch(block: SearchBlock): boolean {
    const { call, input, result } = writeSearch(block.search);
    open(call);
    delta({ type: "input_json_delta", partial_json: input });
    events.push({ type: "content_block_stop", index });
    index += 1;
    open(result);
    close(block);
    if (block.search.found !== "unavailable") searches += 1;
    return true;
  }

  function pumpThinking(block: ThinkingBlock, mustClose: boolean): boolean {
    if (!isOpen) {
      if (block.isBlank) {
        if (!mustClose) return false;
        if (block.carrier === undefined) return skip();
        open({ type: "redacted_thinking", data: block.carrier });
        close(block);
        return true;
      }
      open({ type: "thinking", thinking: "", signature: "" });
    }
    const text = take(block);
    if (text !== "" && !options.hideThinking) delta({ type: "thinking_delta", thinking: text });
    if (!mustClose) return false;
    delta({ type: "signature_delta", signature: block.carrier ?? options.emptySignature });
    close(block);
    return true;
  }

  function pumpTool(block: ToolBlock, isFollowed: boolean, isLast: boolean): boolean {
    const { state } = block.guard;
    const mayClose = state === "empty" || state === "broken";
    const mustClose = isLast || block.ended || state === "complete" || (mayClose && isFollowed);
    if (mustClose) block.waiting += block.guard.end();
    if (!isOpen) {
      const { id, name, toolset } = block;
      open({
        type: "tool_use",
        id,
        name,
        input: {},
        ...(toolset !== undefined && { toolset_name: toolset }),
      });
      // Like the real API, the first delta leaves with the start, even when it is empty.
      delta({ type: "input_json_delta", partial_json: take(block) });
    } else if (block.waiting !== "") delta({ type: "input_json_delta", partial_json: take(block) });
    if (mustClose) close(block);
    return mustClose;
  }

  function skip(): boolean {
    queue.shift();
    return true;
  }

  function take(block: OpenBlock): string {
    const text = block.waiting;
    block.waiting = "";
    sentCharacters += text.length;
    return text;
  }

  function read(event: ReplyEvent): void {
    switch (event.type) {
      case "text-delta":
        return addText(tail("text"), event.text);
      case "thinking-delta":
        return addText(tail("thinking"), event.text);
      case "thinking-carrier":
        tail("thinking").carrier = event.carrier;
        return;
      case "tool-start":
        return startTool(event);
      case "tool-delta": {
        const block = lanes.get(event.lane);
        if (block && !block.ended) block.waiting += block.guard.push(event.json);
        return;
      }
      case "tool-end": {
        const block = lanes.get(event.lane);
        if (block) block.ended = true;
        return;
      }
      case "web-search":
        queue.push({ kind: "search", search: event });
        return;
      case "citation": {
        // Behind a call there is no text to attach it to; the search's own result holds the page.
        const last = queue[queue.length - 1];
        if (last?.kind === "text") last.citations.push(writeCitation(event.page));
        return;
      }
      case "usage":
        usage = event.usage;
        return;
      case "finish":
        finish = event;
        return;
      case "failure":
        return fail(event.error);
      case "limits":
        // Headers, which have left by now.
        return;
      default:
        return event satisfies never;
    }
  }

  /** Open blocks stay open: a client keeps finished blocks, and half a block must not look finished. */
  function fail(error: ProxyError): void {
    events.push(writeErrorBody(error, options.requestId));
    phase = "ended";
  }

  function finalUsage(): MessageUsage {
    const outputTokens = Math.ceil(sentCharacters / 4);
    // Some servers count nothing, or only the prompt.
    const webSearches = Math.max(searches, usage?.webSearches ?? 0);
    if (usage) return writeUsage({ ...usage, outputTokens: usage.outputTokens || outputTokens, webSearches });
    return writeUsage({
      webSearches,
      inputTokens: options.inputTokens,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens,
    });
  }

  function takeEvents(): StreamEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    start() {
      return [
        {
          type: "message_start",
          message: {
            id: createId("msg_"),
            type: "message",
            role: "assistant",
            model: options.model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: writeUsage({
              inputTokens: options.inputTokens,
              cacheReadTokens: 0,
              cacheWriteTokens: 0,
              outputTokens: 0,
            }),
          },
        },
      ];
    },
    push(event) {
      if (phase === "ended") return [];
      read(event);
      if (phase === "writing") pump(false);
      return takeEvents();
    },
    end() {
      if (phase === "ended") return [];
      if (!finish) {
        fail(new ProxyError("upstream", "The backend ended its answer without a finish reason"));
        return takeEvents();
      }
      pump(true);
      const stopReason = chooseStopReason(finish.reason, toolIds.size > 0);
      events.push({
        type: "message_delta",
        delta: {
          stop_reason: stopReason,
          stop_sequence: stopReason === "stop_sequence" ? (finish.stopSequence ?? null) : null,
          ...(stopReason === "refusal" && {
            stop_details: { type: "refusal", category: null, explanation: null },
          }),
        },
        usage: finalUsage(),
      });
      events.push({ type: "message_stop" });
      phase = "ended";
      return takeEvents();
    },
    keepAlive() {
      if (phase === "ended") return [];
      // White space that waits for its text stays behind the block that is opened here.
      if (!isOpen) {
        queue.unshift({ kind: "thinking", waiting: "", isBlank: true, carrier: undefined });
        open({ type: "thinking", thinking: "", signature: "" });
      }
      const head = queue[0];
      delta(emptyDeltas[head && head.kind !== "search" ? head.kind : "thinking"]);
      return takeEvents();
    },
  };
}

function chooseStopReason(reason: FinishReason, hasToolUse: boolean): StopReason {
  switch (reason) {
    case "stop":
      return hasToolUse ? "tool_use" : "end_turn";
    case "stop-sequence":
      return hasToolUse ? "tool_use" : "stop_sequence";
    case "max-tokens":
      return "max_tokens";
    case "refusal":
      return "refusal";
    case "context-window":
      return "model_context_window_exceeded";
    default:
      return reason satisfies never;
  }
}

function writeUsage(usage: Usage): MessageUsage {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
    ...(usage.reasoningTokens !== undefined && {
      output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    }),
    ...(usage.webSearches && {
      server_tool_use: { web_search_requests: usage.webSearches, web_fetch_requests: 0 },
    }),
  };
}

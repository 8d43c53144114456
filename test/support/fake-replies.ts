/**
 * The replies of the fake upstream, as data. A `completion` answers streams and plain requests alike; a `script` plays
 * bytes, silences and cuts whatever was asked; a `body` is one plain HTTP answer.
 */

import type { FakeItem, FakeResponse } from "./responses-replies.ts";

export type Chunk = Readonly<Record<string, unknown>>;

/** A point in time that the test controls: whatever waits for it continues when the test opens it. */
export type Gate = { readonly opened: Promise<void>; open(): void };

export type Step =
  | { readonly do: "send"; readonly bytes: Uint8Array }
  | { readonly do: "wait"; readonly until: () => Promise<unknown> }
  /** Silence until the client or the test closes the connection. */
  | { readonly do: "hang" }
  /** The socket is destroyed, without an end of the body. */
  | { readonly do: "cut" };

type CallFragment = {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function";
  readonly function: { readonly name?: string; readonly arguments: string };
};
type Delta = {
  readonly role?: "assistant";
  readonly content?: string;
  readonly refusal?: null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly CallFragment[];
};

export type FakeReply =
  | {
      readonly kind: "completion";
      readonly deltas: readonly Delta[];
      readonly finish: string;
      readonly usage: Chunk;
    }
  /** An answer of `/responses`. */
  | { readonly kind: "response"; readonly answer: FakeResponse }
  | {
      readonly kind: "script";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Played before the response headers are sent. */
      readonly before: readonly Step[];
      readonly steps: readonly Step[];
    }
  | {
      readonly kind: "body";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };
type Completion = FakeReply & { kind: "completion" };
type Script = FakeReply & { kind: "script" };

export type FakeCall = { readonly id?: string; readonly name: string; readonly arguments: string | object };
type Ending = { readonly finish?: string; readonly usage?: Chunk };

const plainUsage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
export const sseHeaders = { "content-type": "text/event-stream" };

/** An answer of `/responses`, in the form and for the model that is asked. */
export function respond(answer: readonly FakeItem[] | FakeResponse): FakeReply {
  return { kind: "response", answer: "items" in answer ? answer : { items: answer } };
}

/** The text of an answer, streamed in pieces of a few characters. */
export function text(content: string, ending: Ending = {}): Completion {
  return complete(
    cutUp(content).map((content) => ({ content })),
    ending,
  );
}

/** Reasoning, in the field most servers use. */
export function reasoning(content: string, ending: Ending = {}): Completion {
  return complete(
    cutUp(content).map((reasoning_content) => ({ reasoning_content })),
    ending,
  );
}

/** Parallel calls, one after the other, their arguments in pieces, as OpenAI streams them. */
export function toolCalls(calls: readonly FakeCall[], ending: Ending = {}): Completion {
  const deltas = calls.flatMap((call, index) => {
    const { id = `call_fake_${index}`, name } = call;
    const json = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
    return [
      { tool_calls: [{ index, id, type: "function" as const, function: { name, arguments: "" } }] },
      ...cutUp(json).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ];
  });
  return complete(deltas, { finish: "tool_calls", ...ending });
}

/** Several parts as one answer, with the end of the last one. */
export function inOrder(first: Completion, ...more: readonly Completion[]): Completion {
  const last = more[more.length - 1] ?? first;
  return { ...last, deltas: [first, ...more].flatMap((part) => part.deltas) };
}

/** Chunks exactly as given, then `[DONE]`; gates among them are silences. */
export function chunks(items: readonly (Chunk | Gate)[]): Script {
  return script([
    ...items.map(
      (item): Step => (isGate(item) ? { do: "wait", until: () => item.opened } : send(encodeChunk(item))),
    ),
    send("data: [DONE]\n\n"),
  ]);
}

type RawOptions = {
  /** Bytes per write; by default each piece is one write. */
  readonly splitEvery?: number;
  /** Pause between writes, so that they arrive as separate reads. */
  readonly delayMs?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Exactly these bytes, whatever they contain. */
export function raw(
  pieces: string | Uint8Array | readonly (string | Uint8Array | Gate)[],
  options: RawOptions = {},
): Script {
  const { splitEvery = Number.POSITIVE_INFINITY, delayMs, status = 200, headers = sseHeaders } = options;
  const list = typeof pieces === "string" || pieces instanceof Uint8Array ? [pieces] : pieces;
  const steps = list.flatMap((piece): Step[] => {
    if (typeof piece !== "string" && isGate(piece)) return [{ do: "wait", until: () => piece.opened }];
    return cutBytes(toBytes(piece), splitEvery).map((bytes) => ({ do: "send", bytes }));
  });
  if (delayMs === undefined) return { ...script(steps), status, headers };
  const paced = steps.flatMap((step): Step[] => [step, { do: "wait", until: () => Bun.sleep(delayMs) }]);
  return { ...script(paced), status, headers };
}

/** One JSON body. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): FakeReply {
  return {
    kind: "body",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** A failure: with OpenAI's error body, or with the given body; a string is sent unchanged. */
export function status(
  code: number,
  body: unknown = {
    error: { message: `Failed with ${code}`, type: "server_error", param: null, code: null },
  },
  headers: Readonly<Record<string, string>> = {},
): FakeReply {
  if (typeof body !== "string") return json(body, code, headers);
  return { kind: "body", status: code, headers: { "content-type": "text/html", ...headers }, body };
}

/** Endless silence, from the given point. */
export function hang(point: "before-headers" | "after-headers" | "after-first-chunk"): Script {
  const silence: Step = { do: "hang" };
  switch (point) {
    case "before-headers":
      return { ...script([]), before: [silence] };
    case "after-headers":
      return script([silence]);
    case "after-first-chunk":
      return script([send(encodeChunk(contentChunk("Hel"))), silence]);
    default:
      return point satisfies never;
  }
}

/** The socket breaks after the given SSE text; with "before-headers", before any answer. */
export function cut(after: "before-headers" | string = encodeChunk(contentChunk("Hel"))): Script {
  if (after === "before-headers") return { ...script([]), before: [{ do: "cut" }] };
  return script([send(after), { do: "cut" }]);
}

/** Holds a reply back, headers included, until the gate opens. */
export function held(gate: Gate, reply: Script): Script {
  return { ...reply, before: [{ do: "wait", until: () => gate.opened }, ...reply.before] };
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** One chunk of text, in OpenAI's envelope. */
export function contentChunk(content: string): Chunk {
  return wrap({ content }, null);
}

export function finishChunk(reason: string): Chunk {
  return { choices: [{ index: 0, delta: {}, finish_reason: reason }] };
}

export function usageChunk(outputTokens: number): Chunk {
  return { choices: [], usage: { prompt_tokens: 5, completion_tokens: outputTokens } };
}

export function encodeChunk(chunk: Chunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** A completion as OpenAI streams it; usage only when asked for. */
export function encodeStream({ deltas, finish, usage }: Completion, includeUsage: boolean): string {
  const all = [
    wrap({ role: "assistant", content: "", refusal: null }, null),
    ...deltas.map((delta) => wrap(delta, null)),
    wrap({}, finish),
  ];
  const sent = includeUsage
    ? [...all.map((chunk) => ({ ...chunk, usage: null })), { ...envelope("chunk"), choices: [], usage }]
    : all;
  return `${sent.map(encodeChunk).join("")}data: [DONE]\n\n`;
}

/** The same completion as one body. */
export function encodeCompletion({ deltas, finish, usage }: Completion): string {
  const reasoning_content = deltas.map((delta) => delta.reasoning_content ?? "").join("");
  const tool_calls = joinCalls(deltas.flatMap((delta) => delta.tool_calls ?? []));
  const message = {
    role: "assistant",
    content: deltas.map((delta) => delta.content ?? "").join("") || null,
    refusal: null,
    ...(reasoning_content !== "" && { reasoning_content }),
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  return JSON.stringify({
    ...envelope("completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage,
  });
}

function joinCalls(fragments: readonly CallFragment[]): object[] {
  const calls = Map.groupBy(fragments, (fragment) => fragment.index);
  return [...calls.values()].map(([first, ...rest]) => ({
    id: first?.id,
    type: "function",
    function: {
      name: first?.function.name,
      arguments: [first, ...rest].map((fragment) => fragment?.function.arguments ?? "").join(""),
    },
  }));
}

function complete(deltas: readonly Delta[], { finish = "stop", usage = plainUsage }: Ending): Completion {
  return { kind: "completion", deltas, finish, usage };
}

function script(steps: readonly Step[]): Script {
  return { kind: "script", status: 200, headers: sseHeaders, before: [], steps };
}

function envelope(kind: "chunk" | "completion"): Chunk {
  const object = kind === "chunk" ? "chat.completion.chunk" : "chat.completion";
  return { id: "chatcmpl-fake", object, created: 1_750_000_000, model: "fake-model" };
}

function wrap(delta: Delta, finish_reason: string | null): Chunk {
  return { ...envelope("chunk"), choices: [{ index: 0, delta, logprobs: null, finish_reason }] };
}

function send(text: string): Step {
  return { do: "send", bytes: toBytes(text) };
}

function toBytes(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
}

function cutUp(content: string): string[] {
  return content.match(/.{1,6}/gsu) ?? [];
}

function cutBytes(bytes: Uint8Array, size: number): Uint8Array[] {
  const cuts = Number.isFinite(size) ? Math.ceil(bytes.length / size) : 1;
  return Array.from({ length: cuts }, (_, at) =>
    cuts === 1 ? bytes : bytes.subarray(at * size, (at + 1) * size),
  );
}

function isGate(item: object): item is Gate {
  return "opened" in item;
}

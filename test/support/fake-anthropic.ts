/**
 * Anthropic's servers in miniature, at least as strict: a key or a login, versions, betas, signatures. It remembers
 * every request byte for byte, and can write a stream in pieces of any size.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { findAnthropicViolation, type Refusal, signed } from "./anthropic-rules.ts";

export { signed };

export const anthropicKey = "sk-ant-api03-fake";

export type NativeRequest = {
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: z.output<typeof anyObject>;
  readonly refused: string | undefined;
};

const anyObject = z.looseObject({});

type Block = { readonly type: string } & Readonly<Record<string, unknown>>;

/** An answer: blocks, an error, or the very bytes of a stream. */
export type NativeReply =
  | { readonly blocks: readonly Block[]; readonly stop?: string; readonly usage?: object }
  | { readonly error: Refusal; readonly headers?: Readonly<Record<string, string>> }
  | { readonly bytes: string };

export type NativeScript = (request: NativeRequest, index: number) => NativeReply;

export type FakeAnthropic = {
  /** Without a path. */
  readonly url: string;
  readonly requests: readonly NativeRequest[];
  follow(script: NativeScript): void;
  close(): Promise<void>;
};

type Options = {
  /** Other values of the header that carries the key, such as a login. */
  readonly logins?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes a write; all at once if left out. */
  readonly splitEvery?: number;
  readonly countsTokens?: boolean;
};

/** Thinking that the fake server has signed. */
export const thought = (thinking: string): Block => ({
  type: "thinking",
  thinking,
  signature: signed(thinking),
});
export const said = (text: string): Block => ({ type: "text", text });
export const called = (id: string, name: string, input: object): Block => ({
  type: "tool_use",
  id,
  name,
  input,
});

export const usualUsage = {
  input_tokens: 20,
  cache_creation_input_tokens: 3,
  cache_read_input_tokens: 7,
  output_tokens: 11,
  service_tier: "standard",
};

/** The bytes of a stream, as Anthropic writes them. */
export function writeNativeStream(
  model: string,
  blocks: readonly Block[],
  { stop, usage = usualUsage, id = "msg_fake" }: { stop?: string; usage?: object; id?: string } = {},
): string {
  const content: unknown[] = [];
  const start = { ...writeNativeMessage(model, content, usage, id), stop_reason: null };
  const events: object[] = [
    { type: "message_start", message: { ...start, usage: { ...usage, output_tokens: 1 } } },
  ];
  for (const [index, block] of blocks.entries()) {
    const { opening, deltas } = cutBlock(block);
    events.push({ type: "content_block_start", index, content_block: opening });
    if (index === 0) events.push({ type: "ping" });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  events.push(
    { type: "message_delta", delta: { stop_reason: stop ?? stopOf(blocks), stop_sequence: null }, usage },
    { type: "message_stop" },
  );
  return events.map(writeEvent).join("");
}

function writeEvent(event: object & { type?: unknown }): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

function writeNativeMessage(model: string, content: readonly unknown[], usage: object, id = "msg_fake") {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  };
}

const stopOf = (blocks: readonly Block[]) =>
  blocks.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn";

function cutBlock(block: Block): { opening: object; deltas: object[] } {
  const halves = (text: unknown) =>
    [String(text).slice(0, 3), String(text).slice(3)].filter((half) => half !== "");
  switch (block.type) {
    case "text":
      return {
        opening: { ...block, text: "" },
        deltas: halves(block.text).map((text) => ({ type: "text_delta", text })),
      };
    case "thinking":
      return {
        opening: { type: "thinking", thinking: "", signature: "" },
        deltas: [
          ...halves(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
          { type: "signature_delta", signature: block.signature },
        ],
      };
    case "tool_use":
      return {
        opening: { ...block, input: {} },
        deltas: halves(JSON.stringify(block.input)).map((partial_json) => ({
          type: "input_json_delta",
          partial_json,
        })),
      };
    default:
      return { opening: block, deltas: [] };
  }
}

export async function startFakeAnthropic(
  script: NativeScript,
  options: Options = {},
): Promise<FakeAnthropic> {
  const requests: NativeRequest[] = [];
  let next = script;
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(`The fake server failed: ${String(error)}`);
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(incoming);
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headersDistinct))
      headers.set(name, (value ?? []).join(", "));
    const body = anyObject.safeParse(parse(text)).data ?? {};
    const path = incoming.url ?? "/";
    const { pathname } = new URL(path, "http://fake");
    const refusal = refuse(pathname, headers, body, options);
    const request = { path, headers, text, body, refused: refusal?.message };
    requests.push(request);
    const reply: NativeReply = refusal ? { error: refusal } : readReply(pathname, request);
    await send(reply, body, response, options);
  }

  function readReply(pathname: string, request: NativeRequest): NativeReply {
    if (pathname.endsWith("/models"))
      return { bytes: JSON.stringify({ data: [{ type: "model", id: "claude-opus-5-5" }], has_more: false }) };
    if (pathname.endsWith("/count_tokens")) return { bytes: JSON.stringify({ input_tokens: 4321 }) };
    return next(request, requests.length - 1);
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
      else reject(new Error("Start the fake server: it has no port"));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    follow(script) {
      next = script;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(
  pathname: string,
  headers: Headers,
  body: object,
  { logins = [], countsTokens = true }: Options,
): Refusal | undefined {
  const keys = [headers.get("x-api-key"), headers.get("authorization")?.replace(/^Bearer /, "")].filter(
    Boolean,
  );
  if (keys.length === 0)
    return { status: 401, type: "authentication_error", message: "x-api-key header is required" };
  if (!keys.every((key) => key === anthropicKey || logins.includes(key ?? "")))
    return { status: 401, type: "authentication_error", message: "invalid x-api-key" };
  if (pathname === "/v1/models") return undefined;
  const isCount = pathname === "/v1/messages/count_tokens";
  if (pathname !== "/v1/messages" && !(isCount && countsTokens))
    return { status: 404, type: "not_found_error", message: "Not Found" };
  return findAnthropicViolation(isCount ? { max_tokens: 1, ...body } : body, headers);
}

async function send(
  reply: NativeReply,
  body: { readonly model?: unknown; readonly stream?: unknown },
  response: ServerResponse,
  { headers = {}, splitEvery }: Options,
): Promise<void> {
  if ("error" in reply) {
    const { status, ...error } = reply.error;
    const envelope = { type: "error", error, request_id: "req_fake" };
    response
      .writeHead(status, { ...headers, ...reply.headers, "content-type": "application/json" })
      .end(JSON.stringify(envelope));
    return;
  }
  const model = String(body.model);
  const isStream = body.stream === true;
  response.writeHead(200, {
    ...headers,
    "content-type": isStream ? "text/event-stream; charset=utf-8" : "application/json",
  });
  const text =
    "bytes" in reply
      ? reply.bytes
      : isStream
        ? writeNativeStream(model, reply.blocks, reply)
        : JSON.stringify({
            ...writeNativeMessage(model, reply.blocks, reply.usage ?? usualUsage),
            stop_reason: reply.stop ?? stopOf(reply.blocks),
          });
  const bytes = Buffer.from(text);
  const size = splitEvery ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) {
    response.write(bytes.subarray(at, at + size));
    if (splitEvery !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) if (piece instanceof Uint8Array) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

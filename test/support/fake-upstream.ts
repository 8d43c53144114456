/**
 * A backend that is at least as strict as OpenAI, on its own port: it answers as scripted, refuses what OpenAI
 * refuses, and remembers every request and how it ended. It uses `node:http` and not `Bun.serve`, because a test needs
 * headers without a body and a socket that breaks.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { encodeCompletion, encodeStream, type FakeReply, json, type Step, status } from "./fake-replies.ts";
import { findViolation } from "./openai-rules.ts";
import { encodeResponse } from "./responses-replies.ts";
import { findResponsesViolation } from "./responses-rules.ts";

export * from "./fake-replies.ts";

/** How an exchange ended: answered in full, given up by the client, or broken off by the script. */
export type Outcome = { readonly kind: "complete" | "aborted" | "cut" };

export type UpstreamRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
  /** The JSON body; undefined where there is none. */
  readonly body: unknown;
  /** Why the request was refused, before any script was asked. */
  readonly refused: string | undefined;
  /** Resolves when nothing more will be sent. */
  readonly ended: Promise<Outcome>;
  /** The value of `ended`, as soon as it is known. */
  readonly outcome: () => Outcome | undefined;
};

/** One reply for every chat request, a queue of them, or a function. */
export type Script =
  | FakeReply
  | readonly FakeReply[]
  | ((request: UpstreamRequest) => FakeReply | Promise<FakeReply>);

export type UpstreamOptions = {
  /** Fields beyond OpenAI's that this server accepts. */
  readonly extensions?: readonly string[];
  /** The header that must contain the key, and its form. */
  readonly auth?: "bearer" | "api-key";
  /** The answer to `GET …/models`. */
  readonly models?: FakeReply;
  /** The paths that it has; only chat completions if left out. */
  readonly speaks?: readonly ("chat" | "responses")[];
};

export type FakeUpstream = {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly requests: readonly UpstreamRequest[];
  /** The last chat request. @throws Error when there was none */
  lastChat(): UpstreamRequest;
  /** Resolves when `count` requests have arrived. */
  received(count: number): Promise<UpstreamRequest>;
  /** Uses another script from now on. */
  follow(script: Script): void;
  /** Breaks what is open and frees the port. */
  close(): Promise<void>;
};

/** The one key that the fake upstream accepts. */
export const upstreamKey = "sk-fake-upstream";

const defaultModels = json({
  object: "list",
  data: [{ id: "fake-model", object: "model", created: 1_750_000_000, owned_by: "fake" }],
});

export async function startFakeUpstream(
  script: Script,
  options: UpstreamOptions = {},
): Promise<FakeUpstream> {
  const requests: UpstreamRequest[] = [];
  let waiting: { readonly count: number; resolve(request: UpstreamRequest): void }[] = [];
  let next = readScript(script);

  function remember(request: UpstreamRequest): void {
    requests.push(request);
    for (const { count, resolve } of waiting) if (count === requests.length) resolve(request);
    waiting = waiting.filter(({ count }) => count > requests.length);
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const watch = watchOutcome(response);
    const text = await readBody(incoming);
    const { request, refusal } = readRequest(incoming, text, watch, options);
    remember(request);
    const isModels = new URL(request.path, "http://fake").pathname.endsWith("/models");
    const reply = refusal ?? (isModels ? (options.models ?? defaultModels) : await next(request));
    await play(reply, request.body, response, watch);
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(`The fake upstream failed: ${String(error)}`);
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
      else reject(new Error("Start the fake upstream: it has no port"));
    });
  });

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    lastChat() {
      const last = requests.findLast((request) => request.path.includes("/chat/completions"));
      if (!last) throw new Error("Look at the last chat request: there was none");
      return last;
    },
    received(count) {
      const known = requests[count - 1];
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        waiting.push({ count, resolve });
      });
    },
    follow(script) {
      next = readScript(script);
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function readScript(script: Script): (request: UpstreamRequest) => FakeReply | Promise<FakeReply> {
  if (typeof script === "function") return script;
  if (!isQueue(script)) return () => script;
  const queue = [...script];
  return () =>
    queue.shift() ?? status(500, { error: { message: "The fake upstream's script is exhausted" } });
}

function isQueue(script: FakeReply | readonly FakeReply[]): script is readonly FakeReply[] {
  return Array.isArray(script);
}

type Watch = {
  readonly ended: Promise<Outcome>;
  outcome(): Outcome | undefined;
  /** Destroys the socket, because the script says so. */
  cut(): void;
};

function watchOutcome(response: ServerResponse): Watch {
  const { promise: ended, resolve } = Promise.withResolvers<Outcome>();
  let isCut = false;
  let outcome: Outcome | undefined;
  response.on("close", () => {
    const kind = isCut ? "cut" : response.writableFinished ? "complete" : "aborted";
    outcome = { kind };
    resolve(outcome);
  });
  return {
    ended,
    outcome: () => outcome,
    cut() {
      isCut = true;
      response.destroy();
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) if (piece instanceof Uint8Array) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/** The request as remembered, and the error with which OpenAI would refuse it. */
function readRequest(
  incoming: IncomingMessage,
  text: string,
  { ended, outcome }: Watch,
  options: UpstreamOptions,
): { request: UpstreamRequest; refusal: FakeReply | undefined } {
  const { method = "GET", url: path = "/" } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    headers.set(name, (value ?? []).join(", "));
  const body = parse(text);
  const fault = findFault(method, path, headers, body, options);
  return {
    request: { method, path, headers, body, refused: fault?.message, ended, outcome },
    refusal: fault && refuse(fault),
  };
}

function refuse({ status, message, param = null, code = null }: Fault): FakeReply {
  return json({ error: { message, type: "invalid_request_error", param, code } }, status);
}

type Fault = {
  readonly status: number;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string | null;
};

function findFault(
  method: string,
  path: string,
  headers: Headers,
  body: unknown,
  { auth = "bearer", extensions = [], speaks = ["chat"] }: UpstreamOptions,
): Fault | undefined {
  const key = auth === "bearer" ? headers.get("authorization") : headers.get("api-key");
  if (key !== (auth === "bearer" ? `Bearer ${upstreamKey}` : upstreamKey)) {
    return { status: 401, message: "Incorrect API key provided", code: "invalid_api_key" };
  }
  const { pathname } = new URL(path, "http://fake");
  if (method === "GET" && pathname.endsWith("/models")) return undefined;
  const asked = speaks.find((name) => pathname.endsWith(paths[name]));
  if (method !== "POST" || !asked) {
    return { status: 404, message: `Invalid URL (${method} ${path})` };
  }
  if (headers.get("content-type")?.split(";")[0] !== "application/json") {
    return { status: 400, message: "The content type is not application/json" };
  }
  if (body === undefined) return { status: 400, message: "We could not parse the JSON body of your request" };
  const violation = asked === "chat" ? findViolation(body, extensions) : findResponsesViolation(body);
  return violation && { status: 400, ...violation };
}

const paths = { chat: "/chat/completions", responses: "/responses" } as const;

async function play(reply: FakeReply, body: unknown, response: ServerResponse, watch: Watch): Promise<void> {
  switch (reply.kind) {
    case "body":
      response.writeHead(reply.status, reply.headers).end(reply.body);
      return;
    case "completion": {
      const { stream, stream_options } = readAsked(body);
      if (stream !== true)
        response.writeHead(200, { "content-type": "application/json" }).end(encodeCompletion(reply));
      else
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .end(encodeStream(reply, readAsked(stream_options).include_usage === true));
      return;
    }
    case "response": {
      const { type, text } = encodeResponse(reply.answer, body);
      response.writeHead(200, { "content-type": type }).end(text);
      return;
    }
    case "script":
      if (!(await playSteps(reply.before, response, watch))) return;
      response.writeHead(reply.status, reply.headers);
      response.flushHeaders();
      if (await playSteps(reply.steps, response, watch)) response.end();
      return;
    default:
      return reply satisfies never;
  }
}

/** Plays until the last step; false when the connection is over. */
async function playSteps(steps: readonly Step[], response: ServerResponse, watch: Watch): Promise<boolean> {
  for (const step of steps) {
    if (watch.outcome()) return false;
    switch (step.do) {
      case "send":
        await send(step.bytes, response, watch);
        break;
      case "wait":
        await Promise.race([step.until(), watch.ended]);
        break;
      case "hang":
        await watch.ended;
        break;
      case "cut":
        watch.cut();
        return false;
      default:
        return step satisfies never;
    }
  }
  return watch.outcome() === undefined;
}

/** Waits for a slow reader, and makes sure that the other end gets the bytes in a read of their own. */
async function send(bytes: Uint8Array, response: ServerResponse, watch: Watch): Promise<void> {
  const isTaken = response.write(bytes);
  const next = new Promise<void>((resolve) => {
    if (isTaken) setImmediate(resolve);
    else response.once("drain", () => resolve());
  });
  await Promise.race([next, watch.ended]);
}

function readAsked(body: unknown): { stream?: unknown; stream_options?: unknown; include_usage?: unknown } {
  return typeof body === "object" && body !== null ? body : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

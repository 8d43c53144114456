/**
 * The server: routing, request ids, the last-resort error handler, and shutdown. Dispatches by hand, without Bun's
 * `routes`, which would answer before the guard has looked.
 */

import { createPdfTexts } from "./adapt/documents/pdf-texts.ts";
import { writeErrorResponse } from "./anthropic/write-error.ts";
import { type Catalogue, createCatalogue } from "./catalog/models.ts";
import type { Config } from "./config/read-config.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { ProxyError, toProxyError } from "./errors.ts";
import { createGuard } from "./guard.ts";
import { createPromptCompressor } from "./journey/compress-prompt.ts";
import { defaultPace, type Pace, type Services, type Visit } from "./journey/services.ts";
import { createId } from "./lib/create-id.ts";
import { createBackend } from "./plan/backend.ts";
import { createTokenCounter } from "./plan/size/tokens.ts";
import { answerCountTokens } from "./routes/count-tokens.ts";
import { answerHealth } from "./routes/health.ts";
import { answerMessages } from "./routes/messages.ts";
import { answerModel, answerModels } from "./routes/models.ts";
import { answerRoot } from "./routes/root.ts";
import { answerTestConnection } from "./routes/test-connection.ts";
import { describeThrown, type Log } from "./telemetry/log.ts";
import { createHealing } from "./upstream/attempt/healing.ts";
import { recordExchanges } from "./upstream/transport/cassette/record.ts";
import { replayExchanges } from "./upstream/transport/cassette/replay.ts";
import { createModelRefresh } from "./upstream/transport/fetch-models.ts";
import { createSender, type Sender } from "./upstream/transport/send.ts";

/** A directory of recorded exchanges: recorded from the backend, or replayed instead of it. */
export type Cassette =
  | { readonly mode: "record"; readonly directory: string }
  | { readonly mode: "replay"; readonly directory: string; readonly timed: boolean };

export type ServerOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly pace?: Pace;
  readonly cassette?: Cassette | undefined;
};

export type RunningServer = {
  /** The URL for clients on this machine. */
  readonly url: string;
  readonly port: number;
  /** What is known about the backend's models, once their list has been read or could not be read. */
  readonly catalogue: Promise<Catalogue>;
  /** Refuses new requests and lets those in progress finish. */
  stop(): Promise<void>;
};

type Handler = (visit: Visit, services: Services) => Response | Promise<Response>;

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/v1/messages": { POST: answerMessages },
  "/v1/messages/count_tokens": { POST: answerCountTokens },
  "/v1/models": { GET: answerModels },
  "/health": { GET: answerHealth, HEAD: answerHealth },
  "/test-connection": { GET: answerTestConnection },
  "/": { GET: (_, services) => answerRoot(services), HEAD: answerProbe },
  "/api/hello": { HEAD: answerProbe },
};

/** Idle keep-alive connections are closed after this many seconds; Bun allows 255 at most. */
const idleSeconds = 120;

/** Far above the API's own limit, which our guard enforces: Bun would refuse without a message. */
const bodyLimitBytes = 1024 * 1024 * 1024;

/** @throws Error if the port is taken or the address does not belong to this machine */
export function startServer(options: ServerOptions): RunningServer {
  const { config, log } = options;
  const guard = createGuard(config);
  const firstRead = Promise.withResolvers<void>();
  const services = createServices(options, firstRead.resolve);

  async function answer(request: Request, server: Bun.Server<undefined>): Promise<Response> {
    const requestId = createId("req_");
    try {
      guard(request);
      if (request.method === "OPTIONS") return finish(preflight(request, config), request, requestId);
      const visit: Visit = {
        request,
        url: readUrl(request),
        requestId,
        keepOpen() {
          server.timeout(request, 0);
          return () => server.timeout(request, idleSeconds);
        },
      };
      return finish(await chooseRoute(visit)(visit, services), request, requestId);
    } catch (thrown) {
      const error = toProxyError(thrown);
      if (error.kind === "internal")
        log.error("Request failed", { id: requestId, error: describeThrown(error.cause) });
      else log.debug(`${request.method} refused`, { id: requestId, kind: error.kind, error: error.message });
      return finish(writeErrorResponse(error, requestId), request, requestId);
    }
  }

  function finish(response: Response, request: Request, requestId: string): Response {
    response.headers.set("request-id", requestId);
    for (const [name, value] of Object.entries(corsHeaders(request, config)))
      response.headers.set(name, value);
    return response;
  }

  const server = Bun.serve({
    hostname: config.server.host,
    port: config.server.port,
    // Bun's own error page would show source lines.
    development: false,
    // Without this, Bun lets a second process share the port when `development` is false (measured with 1.4.5).
    reusePort: false,
    idleTimeout: idleSeconds,
    maxRequestBodySize: bodyLimitBytes,
    fetch: answer,
    error(thrown) {
      log.error("Request failed", { error: describeThrown(thrown) });
      return writeErrorResponse(toProxyError(thrown), createId("req_"));
    },
  });
  services.refreshModels();
  const port = server.port ?? config.server.port;
  return {
    url: `http://${reachable(config.server.host)}:${port}`,
    port,
    catalogue: firstRead.promise.then(() => services.catalogue),
    stop: () => server.stop(),
  };
}

function createServices(
  { config, log, pace = defaultPace, cassette }: ServerOptions,
  onModelsRead: () => void,
): Services {
  const backend = createBackend(config.backend);
  const catalogue = createCatalogue();
  const tokens = createTokenCounter();
  const sender = openSender(config, log, cassette);
  const healing = createHealing(log);
  const refreshModels = createModelRefresh({ backend, catalogue, sender, log, onEnd: onModelsRead });
  const pdfs = createPdfTexts();
  const services = { config, backend, catalogue, tokens, sender, healing, pdfs, log, pace, refreshModels };
  return { ...services, compressor: createPromptCompressor(services) };
}

function openSender({ backend, server }: Config, log: Log, cassette: Cassette | undefined): Sender {
  switch (cassette?.mode) {
    case undefined:
      return createSender();
    case "record": {
      const secrets = [backend.apiKey, server.clientKey ?? "", ...Object.values(backend.customHeaders)];
      return recordExchanges({ ...cassette, sender: createSender(), secrets, log });
    }
    case "replay":
      return replayExchanges(cassette);
    default:
      return cassette satisfies never;
  }
}

/** @throws ProxyError `invalid-request` for a Host that makes no valid URL */
function readUrl(request: Request): URL {
  const url = URL.parse(request.url, "http://localhost");
  if (url) return url;
  throw new ProxyError("invalid-request", "The Host header is not a valid host");
}

/** @throws ProxyError `not-found` or `method-not-allowed` */
function chooseRoute(visit: Visit): Handler {
  const { method } = visit.request;
  // People often configure a base URL that already ends in /v1.
  const path = visit.url.pathname.replace(/\/+$/, "").replace(/^\/v1\/v1\//, "/v1/") || "/";
  const isModel = path.startsWith("/v1/models/");
  const methods = isModel ? { GET: answerModel } : routes[path];
  if (!methods) throw new ProxyError("not-found", `Cannot ${method} ${path}: there is no such endpoint`);
  const route = methods[method as keyof typeof methods];
  if (route) return route;
  const allowed = Object.keys(methods).join(", ");
  throw new ProxyError("method-not-allowed", `Cannot ${method} ${path}: it allows only ${allowed}`);
}

/** Claude Code opens a connection before its first request; any quick answer will do. */
function answerProbe(): Response {
  return new Response(null, { status: 200 });
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * The server: routing, request ids, the last-resort error handler, and shutdown. Dispatches by hand, without Bun's
 * `routes`, which would answer before the guard has looked.
 */

import { writeErrorResponse } from "./anthropic/write-error.ts";
import type { Catalog } from "./catalog/models.ts";
import type { Config } from "./config/read-config.ts";
import { listPendingChanges, takeChanges } from "./config/take-changes.ts";
import { corsHeaders } from "./cors.ts";
import { ProxyError, toProxyError } from "./errors.ts";
import { createGuard, type Guard } from "./guard.ts";
import { createServices, type ServiceOptions } from "./journey/create-services.ts";
import type { Progress } from "./journey/drain.ts";
import type { RequestContext, Services } from "./journey/services.ts";
import { createId } from "./lib/create-id.ts";
import { urlFor } from "./lib/host.ts";
import { rememberResults } from "./lib/remember-results.ts";
import { Stop } from "./lib/stop.ts";
import type { Site } from "./plan/create-sites.ts";
import type { RouteTable } from "./plan/route-table.ts";
import { findRoute, type Route } from "./routes/endpoints.ts";
import { answerLogin, prefersPage } from "./routes/page.ts";
import { describeThrown } from "./telemetry/log.ts";
import { logRefusal } from "./telemetry/log-refusal.ts";
import type { Sums } from "./telemetry/sums.ts";

export type RunningServer = {
  /** The URL for clients on this machine. */
  readonly url: string;
  readonly port: number;
  /** The configuration in use: the backend's list fills open tiers. */
  readonly config: Config;
  /** What is known about the backend's models, once their list has been read or could not be read. */
  readonly catalog: Promise<Catalog>;
  /** Why that list could not be read. */
  readonly listFault: Promise<ProxyError | undefined>;
  /** Each backend, the default one first, and why its list could not be read, as soon as that is known. */
  readonly listings: readonly Promise<Listing>[];
  readonly routes: RouteTable;
  /** What all messages so far have taken. */
  totals(): Sums;
  /** Refuses new requests, and resolves when those in progress have finished. */
  stop(): Promise<void>;
  /** Ends what is in progress, with an error that clients can read. */
  cut(): void;
  /**
   * Takes another configuration for all requests from now on, as far as a running proxy can.
   * @returns the names of variables whose change needs a restart
   */
  reload(config: Config): readonly string[];
  /** Leaves new requests to others that share the port, and resolves when those in progress have finished. */
  retire(): Promise<void>;
};

type Listing = { readonly site: Site; readonly fault: ProxyError | undefined };

/** How long a client on an open connection has to send one more request, whose answer closes it, ms. */
const handoverMs = 1000;

/** Idle keep-alive connections are closed after this, in seconds; Bun allows 255 at most. */
const idleSeconds = 120;

/** Far above the API's own limit, which our guard enforces: Bun would refuse without a message. */
const bodyLimitBytes = 1024 * 1024 * 1024;

type Server = Bun.Server<undefined>;

type ServerOptions = ServiceOptions & {
  /** Whether other processes of the same user may listen on the port as well; the system spreads connections. */
  readonly sharesPort?: boolean;
};

/** @throws Error when the port is taken or the address is not this machine's */
export function startServer(options: ServerOptions): RunningServer {
  const { log } = options;
  const reads = new Map<string, PromiseWithResolvers<ProxyError | undefined>>();
  let services = createServices(options, ({ backend }, fault) => reads.get(backend.id)?.resolve(fault));
  const { config, sites, routes } = services;
  const listings = sites.all.map(async (site) => {
    const read = Promise.withResolvers<ProxyError | undefined>();
    reads.set(site.backend.id, read);
    return { site, fault: await read.promise };
  });
  const ofDefault = reads.get(sites.default.backend.id)?.promise ?? Promise.resolve(undefined);
  let guard = createGuard(config);
  let isRetiring = false;
  const server = Bun.serve({
    hostname: config.server.host,
    port: config.server.port,
    // Bun's own error page would show source lines.
    development: false,
    // Without a `false`, Bun lets a second process share the port when `development` is false (measured with 1.4.5).
    reusePort: options.sharesPort ?? false,
    idleTimeout: idleSeconds,
    maxRequestBodySize: bodyLimitBytes,
    fetch: createAnswer(
      () => services,
      (visitor) => guard(visitor),
      () => isRetiring,
    ),
    error(thrown) {
      log.error("Request failed", { error: describeThrown(thrown) });
      return writeErrorResponse(toProxyError(thrown), createId("req_"));
    },
  });
  services.refreshModels();
  const port = server.port ?? config.server.port;
  return {
    url: urlFor(config.server.host, port),
    port,
    config,
    catalog: ofDefault.then(() => sites.default.catalog),
    listFault: ofDefault,
    listings,
    routes,
    totals: () => services.journal.snapshot().total,
    async stop() {
      // Until then the port stays open: a refused connection tells a client less than a refused request.
      await services.drain.stop();
      await services.exporter?.close();
      await server.stop();
    },
    cut: () => services.drain.cut(),
    reload(next) {
      const inForce = takeChanges(options.config, next);
      services = services.reroute(inForce);
      guard = createGuard(inForce);
      services.refreshModels();
      return listPendingChanges(next, inForce);
    },
    async retire() {
      isRetiring = true;
      await Bun.sleep(handoverMs);
      const closed = server.stop();
      await services.drain.stop();
      await services.exporter?.close();
      await closed;
    },
  };
}

/** What happens to every request: the guard looks first, then a route answers, and each answer is finished alike. */
function createAnswer(
  current: () => Services,
  guard: Guard,
  isRetiring: () => boolean,
): (request: Request, server: Server) => Promise<Response> {
  const { log, drain, metrics } = current();

  /** @throws ProxyError when the request has no route, or may not come in */
  function admit(request: Request, server: Server): Visit {
    const url = readUrl(request.url);
    const route = findRoute(request.method, url.pathname);
    const address = route.spends && server.requestIP(request)?.address;
    const { name: clientName, keyHeaders } = guard({ request, route, address });
    const isInstant = route.open || route.monitors || route.page;
    return { url, route, clientName, keyHeaders, progress: isInstant ? undefined : drain.begin() };
  }

  function respond(
    request: Request,
    server: Server,
    requestId: string,
    { url, route, clientName, keyHeaders, progress }: Visit,
  ): Response | Promise<Response> {
    if (!progress) return route.answer({ request, url, requestId, clientName, ...instant }, current());
    const keepOpen = () => {
      progress.hold();
      server.timeout(request, 0);
      return () => {
        server.timeout(request, idleSeconds);
        progress.release();
      };
    };
    const context = { request, url, requestId, clientName, keyHeaders, keepOpen, call: progress.call };
    return progress.orCut(route.answer(context, current()));
  }

  function refuse(thrown: unknown, request: Request, requestId: string, isLogged: boolean): Response {
    const error = toProxyError(thrown);
    if (error.kind === "authentication" && asksForPage(request)) return answerLogin();
    if (!isLogged) logRefusal(log, { request, requestId }, error);
    return writeErrorResponse(error, requestId);
  }

  return async (request, server) => {
    const requestId = createId("req_");
    let visit: Visit | undefined;
    let response: Response;
    try {
      visit = admit(request, server);
      visit.progress?.hold();
      response = await respond(request, server, requestId, visit);
    } catch (thrown) {
      if (!visit) metrics.refuse(thrown);
      response = refuse(thrown, request, requestId, visit?.route.logsFailures === true);
    } finally {
      visit?.progress?.release();
    }
    response.headers.set("request-id", requestId);
    const cors = corsHeaders(request, current().config);
    if (cors) for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    if (drain.isStopping || isRetiring()) response.headers.set("connection", "close");
    return response;
  };
}

/** A request that was let in. */
type Visit = Pick<RequestContext, "url" | "clientName" | "keyHeaders"> & {
  readonly route: Route;
  /** Undefined for a route that answers at once. */
  readonly progress: Progress | undefined;
};

/** Whether a person has opened our address in a browser. */
function asksForPage(request: Request): boolean {
  return request.method === "GET" && readUrl(request.url).pathname === "/" && prefersPage(request);
}

/** For routes that answer at once: there is nothing to keep open, and nothing to stop. */
const instant: Pick<RequestContext, "keepOpen" | "call"> = {
  keepOpen: () => () => {},
  call: new Stop(),
};

/** Clients ask for a few addresses again and again. */
const maxUrls = 100;

/** @throws ProxyError `invalid-request` for a Host that makes no valid URL */
const readUrl = rememberResults((text): URL => {
  const url = URL.parse(text, "http://localhost");
  if (url) return url;
  throw new ProxyError("invalid-request", "The Host header is not a valid host");
}, maxUrls);

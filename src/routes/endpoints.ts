/**
 * The endpoints as one table: requests are dispatched by it, and the guard opens some of them to everyone. `GET /`,
 * the help, the manual and the README list the endpoints.
 *
 * What reads a message is imported with the first one: its schemas take as long to make as all the rest of the start.
 */
import { connectionPath, windowMark } from "../catalog/claude-code/claude-code.ts";
import { preflight } from "../cors.ts";
import { ProxyError } from "../errors.ts";
import type { RequestContext, Services } from "../journey/services.ts";
import { answerHealth, answerProbe, answerReady } from "./health.ts";
import { answerMetrics } from "./metrics.ts";
import { answerModel, answerModels } from "./models.ts";
import { normalizePath } from "./normalize-path.ts";
import { answerAsset, answerPage, answerSignIn, answerSignOut, prefersPage } from "./page.ts";
import { answerRoot } from "./root.ts";

export type Route = {
  readonly method: "GET" | "HEAD" | "POST" | "OPTIONS";
  /** A part in braces matches the rest of the path, slashes included. */
  readonly path: string;
  /** Needs no client key: it reveals nothing about the user. */
  readonly open?: true;
  /** Spends tokens on a request that a page or a stranger can make without a body. */
  readonly spends?: true;
  /** For monitors: `METRICS_KEY` opens it too, and it is answered while new requests are refused. */
  readonly monitors?: true;
  /** For the page: the cookie of its login opens it too, and it is answered while new requests are refused. */
  readonly page?: true;
  /** Logs its own failures, each as one line. */
  readonly logsFailures?: true;
  readonly answer: (context: RequestContext, services: Services) => Response | Promise<Response>;
};

type Endpoint = Route & {
  /** One line, with `code` marked as in Markdown. */
  readonly about: string;
};

/** The answer of a file that is imported when it is first needed. To import it again for each request is not free. */
function importAnswer(load: () => Promise<Route["answer"]>): Route["answer"] {
  let answer: Route["answer"] | undefined;
  return (context, services) => {
    if (answer) return answer(context, services);
    return load().then((loaded) => {
      answer = loaded;
      return loaded(context, services);
    });
  };
}

const testConnection = importAnswer(async () => (await import("./test-connection.ts")).answerTestConnection);

const endpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: "/v1/messages",
    about: "Answer a message, streaming or not",
    logsFailures: true,
    answer: importAnswer(async () => (await import("./messages.ts")).answerMessages),
  },
  {
    method: "POST",
    path: "/v1/messages/count_tokens",
    about: "Count the input tokens that would be sent to the backend",
    answer: importAnswer(async () => (await import("./count-tokens.ts")).answerCountTokens),
  },
  {
    method: "GET",
    path: "/v1/models",
    about: `List the three tiers and the backend's models, also with \`${windowMark}\` if a million tokens fit`,
    answer: answerModels,
  },
  {
    method: "GET",
    path: "/v1/models/{id}",
    about: "Describe one model, by its id or any name that a request may use",
    answer: answerModel,
  },
  {
    method: "GET",
    path: "/health",
    about: "Show that the process is alive; does not call the backend",
    open: true,
    answer: answerHealth,
  },
  {
    method: "GET",
    path: "/ready",
    about: "Show whether new messages are taken: 503 once the proxy is stopping",
    open: true,
    answer: answerReady,
  },
  {
    method: "GET",
    path: "/metrics",
    about: "Count requests, tokens, times and errors for Prometheus; no content, no keys",
    monitors: true,
    answer: answerMetrics,
  },
  {
    method: "GET",
    path: "/test-connection",
    about: "Send one tiny request to each configured model",
    spends: true,
    answer: testConnection,
  },
  {
    method: "POST",
    path: "/test-connection",
    about: "The same as `GET`",
    spends: true,
    answer: testConnection,
  },
  {
    method: "GET",
    path: "/",
    about:
      "In a browser: what the proxy does; else name, version, endpoints and configuration, without secrets",
    page: true,
    answer: ({ request }, services) =>
      prefersPage(request)
        ? answerPage(services)
        : answerRoot(
            services,
            endpointRows.map(([name]) => name),
          ),
  },
  {
    method: "GET",
    path: "/page/events",
    about: "What the page and `top` show, once a second, as server-sent events",
    page: true,
    answer: importAnswer(async () => (await import("./page-events.ts")).answerEvents),
  },
];

/** What the page consists of; too small to be listed. */
const pageParts: readonly Route[] = [
  { method: "POST", path: "/page/sign-in", page: true, answer: answerSignIn },
  { method: "POST", path: "/page/sign-out", open: true, answer: answerSignOut },
  { method: "GET", path: "/page/parts/{part}", open: true, answer: answerAsset },
];

/** Sent by monitors and when Claude Code starts; too small to be listed. */
const probes: readonly Route[] = [
  { method: "HEAD", path: "/health", open: true, answer: answerHealth },
  { method: "HEAD", path: "/ready", open: true, answer: answerReady },
  { method: "HEAD", path: "/", open: true, answer: answerProbe },
  { method: "HEAD", path: connectionPath, open: true, answer: answerProbe },
];

/** Method and path of every endpoint, and what it does. */
export const endpointRows: readonly (readonly [name: string, about: string])[] = endpoints.map(
  ({ method, path, about }) => [`${method} ${path}`, about],
);

const routes: readonly Route[] = [...endpoints, ...pageParts, ...probes];

/** Browsers ask this of any path, before they send a request from another origin. */
const preflightRoute: Route = {
  method: "OPTIONS",
  path: "/",
  open: true,
  answer: ({ request }, { config }) => preflight(request, config),
};

/** What clients of OpenAI's API ask for, which the backend has, not the proxy. */
const ofOpenAI = /\/(?:chat\/completions|completions|responses|embeddings)$/;

/** @throws ProxyError `not-found` or `method-not-allowed` */
export function findRoute(method: string, pathname: string): Route {
  const candidates = findRoutes(pathname);
  if (method === preflightRoute.method && candidates.length > 0) return preflightRoute;
  for (const route of candidates) if (route.method === method) return route;
  const path = normalizePath(pathname);
  if (candidates.length === 0) {
    const advice = ofOpenAI.test(path) ? "; send messages in Anthropic's format to /v1/messages" : "";
    throw new ProxyError("not-found", `Cannot ${method} ${path}: there is no such endpoint${advice}`);
  }
  const allow = candidates.map((candidate) => candidate.method).join(", ");
  throw new ProxyError("method-not-allowed", `Cannot ${method} ${path}: it allows only ${allow}`, {
    headers: { allow },
  });
}

const routesAt: ReadonlyMap<string, readonly Route[]> = Map.groupBy(routes, ({ path }) => path);

/** The routes of a path, one for each method. */
function findRoutes(pathname: string): readonly Route[] {
  const known = routesAt.get(pathname);
  if (known) return known;
  const path = normalizePath(pathname);
  return routesAt.get(path) ?? routes.filter((route) => isBelow(path, route.path));
}

function isBelow(path: string, pattern: string): boolean {
  const [start = "", rest] = pattern.split("{");
  return rest !== undefined && path.startsWith(start);
}

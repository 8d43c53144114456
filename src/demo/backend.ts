/**
 * Room `demo/`: a miniature OpenAI-compatible server. Not here: any import from the rest of the program, because it
 * plays somebody else's server.
 *
 * It listens on loopback, so that everything can be tried without an account. Its answers are canned and say so. Only
 * `commands/` starts it.
 */
import { refuseRequest } from "./refuse-request.ts";

export type DemoBackend = {
  /** The base URL, which ends in `/v1`. */
  readonly url: string;
  /** One for each tier. */
  readonly models: typeof models;
  /** Aborts the requests in progress. */
  stop(): void;
};

const models = { big: "demo-big", middle: "demo-middle", small: "demo-small" } as const;

export function startDemoBackend(): DemoBackend {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch: answerRequest,
    error: () => refuseRequest(500, "The demo backend failed"),
  });
  return { url: `http://127.0.0.1:${server.port}/v1`, models, stop: () => void server.stop(true) };
}

async function answerRequest(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const route = `${request.method} ${pathname}`;
  if (route === "GET /v1/models") {
    const shared = { object: "model", created: 0, owned_by: "demo", context_length: 200_000 };
    return Response.json({ object: "list", data: Object.values(models).map((id) => ({ id, ...shared })) });
  }
  if (route !== "POST /v1/chat/completions") return refuseRequest(404, `There is no ${route} here`);
  // Not before it is needed: most proxies have a real backend.
  const { completeChat } = await import("./complete-chat.ts");
  return await completeChat(request);
}

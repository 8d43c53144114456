/** `serve`, what the program does when asked for nothing else: starts the server and says how to use it. */
import type { Config } from "../config.ts";
import { startDemoBackend } from "../demo/backend.ts";
import { isLoopback } from "../lib/host.ts";
import { startServer } from "../server.ts";
import type { Log } from "../telemetry/log.ts";

export type ServeOptions = {
  readonly config: Config;
  /** Start the demo backend and use it in place of the configured one. */
  readonly demo: boolean;
  /** Name and version. */
  readonly title: string;
  /** A line for the user: the banner. */
  readonly print: (line: string) => void;
  readonly log: Log;
};

export type Serving = {
  readonly url: string;
  /** Refuses new requests and lets those under way finish. */
  stop(): Promise<void>;
};

/** @throws Error, worded for the user, when the address cannot be listened on */
export function serve({ config: given, demo, title, print, log }: ServeOptions): Serving {
  const backend = demo ? startDemoBackend() : undefined;
  const config = backend ? { ...given, backend: { ...given.backend, baseUrl: backend.url } } : given;
  const server = listen(config, log, () => backend?.stop());
  for (const line of describeServing({ config, demo, title, url: server.url })) print(line);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      backend?.stop();
    },
  };
}

function listen(config: Config, log: Log, undo: () => void): ReturnType<typeof startServer> {
  const { host, port } = config.server;
  try {
    return startServer({ config, log });
  } catch (error) {
    undo();
    throw new Error(`Listen on ${host}:${port}: ${explain(error, port)}`, { cause: error });
  }
}

function explain(error: unknown, port: number): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "EADDRINUSE" && port !== 0)
    return "the port is in use; choose another with --port, or 0 for a free one";
  if (code === "EACCES" || code === "EPERM") return "not allowed; choose a --port above 1023";
  // Bun has many codes for a host that does not resolve or is not this machine's.
  return `the address cannot be used (${code}); choose another --host`;
}

type Facts = {
  readonly config: Config;
  readonly demo: boolean;
  readonly title: string;
  readonly url: string;
};

/** The banner, a line an item; the last lines are there to be copied. Holds no secret. */
export function describeServing({ config, demo, title, url }: Facts): string[] {
  const { models, server } = config;
  const open = server.clientKey === undefined;
  const token = open ? "anything" : "YOUR_ANTHROPIC_API_KEY";
  const lines = [
    `${title} listens on ${url}`,
    demo
      ? "  backend  built-in demo: canned answers, no model"
      : `  backend  ${new URL(config.backend.baseUrl).host}`,
    `  models   opus → ${models.big}, sonnet → ${models.middle}, haiku → ${models.small}`,
  ];
  if (config.envFile !== undefined) lines.push(`  read     ${config.envFile}`);
  if (open && !isLoopback(server.host))
    lines.push(
      `  WARNING  ${server.host} can be reached from other machines and no client key is set: anyone there can`,
      "           spend your backend key; set ANTHROPIC_API_KEY, or --host 127.0.0.1",
    );
  lines.push("", `ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=${token} claude`);
  if (demo) lines.push(demoRequest(url, token));
  return lines;
}

function demoRequest(url: string, token: string): string {
  const body = JSON.stringify({
    model: "claude-sonnet-4-6",
    max_tokens: 256,
    messages: [{ role: "user", content: "Hello" }],
  });
  const headers = ["content-type: application/json", "anthropic-version: 2023-06-01", `x-api-key: ${token}`];
  return `curl ${url}/v1/messages ${headers.map((header) => `-H '${header}'`).join(" ")} -d '${body}'`;
}

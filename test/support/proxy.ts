/** The real server, or a built program given by `./scripts/smoke`, on its own port in front of a fake upstream. */
import { expect } from "bun:test";
import { z } from "zod";
import { type Config, readConfig } from "../../src/config/read-config.ts";
import { defaultPace, type Pace } from "../../src/journey/services.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { createLog } from "../../src/telemetry/log.ts";
import type { Cassette } from "../../src/upstream/transport/cassette/tape.ts";
import {
  type FakeUpstream,
  type Script,
  startFakeUpstream,
  type UpstreamOptions,
  upstreamKey,
} from "./fake-upstream.ts";
import { checkStream, foldMessage } from "./grammar.ts";
import { builtCommand } from "./program.ts";
import { spawnProxy } from "./spawn-proxy.ts";
import { type ConfigChanges, writeVariables } from "./write-variables.ts";

const defaults: ConfigChanges = {
  backend: { apiKey: upstreamKey, baseUrl: "http://127.0.0.1:9/v1" },
  models: { big: "big-model", middle: "middle-model", small: "small-model" },
  server: { host: "127.0.0.1", port: 0 },
  log: { level: "DEBUG" },
};

/** @param environment variables that are none of ours */
export function testConfig(
  changes: ConfigChanges = {},
  environment: Readonly<Record<string, string>> = {},
): Config {
  const env = { ...environment, ...writeVariables(defaults), ...writeVariables(changes) };
  return readConfig({ flags: {}, env, file: undefined });
}

/** Retries at once, and leaves every wait that a backend asks for to the client. */
const impatient: Partial<Pace> = { firstRetryDelay: 1, maxRetryDelay: 0 };

export type TestProxy = Pick<RunningServer, "url" | "stop" | "cut"> & {
  readonly upstream: FakeUpstream;
  readonly log: readonly string[];
  /** The lines of the log with these words; waits for so many, because a program's log arrives separately. */
  heard(words: string, count?: number): Promise<string[]>;
  post(body: object, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** Asks, and returns the text of the answer; of blocks without text, their type. Fails unless it is a 200. */
  say(changes: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
};

const answer = z.object({ content: z.array(z.object({ type: z.string(), text: z.string().optional() })) });

export async function startProxy(
  script: Script,
  options: {
    readonly config?: ConfigChanges;
    readonly environment?: Readonly<Record<string, string>>;
    readonly pace?: Partial<Pace>;
    readonly upstream?: UpstreamOptions;
    readonly cassette?: Cassette;
    /** Only for a server of the sources: a built one knows the catalog's. */
    readonly passages?: ReadonlySet<string>;
  } = {},
): Promise<TestProxy> {
  const upstream = await startFakeUpstream(script, options.upstream);
  const log: string[] = [];
  const config = testConfig(
    { ...options.config, backend: { baseUrl: upstream.url, ...options.config?.backend } },
    options.environment,
  );
  const hear = (line: string) => void log.push(line);
  const { cassette } = options;
  const server = builtCommand
    ? await spawnProxy(builtCommand, { config, cassette, hear })
    : startServer({
        config,
        log: createLog("DEBUG", hear),
        pace: { ...defaultPace, ...impatient, ...options.pace },
        cassette,
        ...(options.passages && { passages: options.passages }),
      });
  const post: TestProxy["post"] = (body, headers = {}, signal) =>
    fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    ...server,
    upstream,
    log,
    async heard(words, count = 1) {
      const lines = () => log.filter((line) => line.includes(words));
      while (lines().length < count) await Bun.sleep(1);
      return lines();
    },
    post,
    async say(changes) {
      const response = await post(ask(changes));
      expect(response.status).toBe(200);
      const message = changes.stream
        ? foldMessage(checkStream(await response.text()))
        : await response.json();
      return answer
        .parse(message)
        .content.map(({ type, text }) => text ?? type)
        .join("");
    },
    async close() {
      await upstream.close();
      await server.stop();
    },
  };
}

const errorBody = z.object({
  type: z.literal("error"),
  error: z.object({ type: z.string(), message: z.string() }),
  request_id: z.string(),
});

/** The envelope that every error must have. */
export async function readError(response: Response): Promise<z.infer<typeof errorBody>> {
  return errorBody.parse(await response.json());
}

/** The smallest possible request. */
export function ask(changes: Record<string, unknown> = {}): Record<string, unknown> & { stream?: boolean } {
  return {
    model: "claude-opus-5-5",
    max_tokens: 100,
    messages: [{ role: "user", content: "Hello" }],
    ...changes,
  };
}

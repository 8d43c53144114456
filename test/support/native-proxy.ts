/** The real server in front of a fake Anthropic, and of others that a route may name. */
import { defaultPace, type Pace } from "../../src/journey/services.ts";
import { startServer } from "../../src/server.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { anthropicKey, type FakeAnthropic } from "./fake-anthropic.ts";
import { ask } from "./proxy.ts";
import { configWith } from "./routing.ts";

export type NativeProxy = {
  readonly url: string;
  readonly log: readonly string[];
  /** @param body an object, or JSON as it is */
  post(body?: object | string, headers?: Record<string, string>, path?: string): Promise<Response>;
  close(): Promise<void>;
};

type Options = {
  readonly keys?: string;
  /** Further sections of the file. */
  readonly toml?: string;
  /** More lines about the backend `claude`. */
  readonly settings?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly pace?: Partial<Pace>;
};

/** Everything goes to the backend `claude` under its own name, if no route says otherwise. */
export function startNative(
  anthropic: FakeAnthropic,
  {
    keys = anthropicKey,
    toml = '[routes]\n"claude-*" = "claude@*"\n',
    settings = "",
    env = {},
    pace = {},
  }: Options = {},
): NativeProxy {
  const log: string[] = [];
  const backend = `[backends.claude]\nurl = "${anthropic.url}"\nprotocol = "anthropic"\nkeys = "${keys}"\n${settings}\n`;
  const server = startServer({
    config: configWith(`${backend}${toml}`, env),
    log: createLog("DEBUG", (line) => void log.push(line)),
    pace: { ...defaultPace, firstRetryDelay: 1, maxRetryDelay: 0, ...pace },
  });
  return {
    url: server.url,
    log,
    post: (body = ask(), headers = {}, path = "/v1/messages") =>
      fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    close: () => server.stop(),
  };
}

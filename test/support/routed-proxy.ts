/** The real server in front of several fake backends, as a `config.toml` describes them. */
import { z } from "zod";
import { defaultPace, type Pace } from "../../src/journey/services.ts";
import { startServer } from "../../src/server.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { type FakeUpstream, type Script, startFakeUpstream, upstreamKey } from "./fake-upstream.ts";
import { ask } from "./proxy.ts";
import { configWith } from "./routing.ts";

export type RoutedProxy = {
  readonly url: string;
  /** @throws Error for a name that was not given */
  backend(name: string): FakeUpstream;
  readonly log: readonly string[];
  post(
    changes?: Record<string, unknown>,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Response>;
  /** The text of an answer in one piece, or the type of an error. */
  say(changes?: Record<string, unknown>, headers?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
};

type Options = {
  /** Routes and aliases. */
  readonly toml: string;
  /** More settings of backends, by their names; `keys` replaces the one that the fake backends take. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly pace?: Partial<Pace>;
};

const answer = z.union([
  z.object({ content: z.array(z.object({ text: z.string() })) }),
  z.object({ error: z.object({ type: z.string() }) }),
]);

/** @param scripts what each backend answers; its name is that of the configuration */
export async function startRouted(
  scripts: Readonly<Record<string, Script>>,
  { toml, settings = {}, env = {}, pace = {} }: Options,
): Promise<RoutedProxy> {
  const backends = new Map<string, FakeUpstream>();
  let sections = "";
  for (const [name, script] of Object.entries(scripts)) {
    const upstream = await startFakeUpstream(script);
    backends.set(name, upstream);
    const more = settings[name] ?? "";
    const keys = more.includes("keys") ? "" : `keys = "${upstreamKey}"\n`;
    sections += `[backends.${name}]\nurl = "${upstream.url}"\n${keys}${more}\n`;
  }
  const log: string[] = [];
  const server = startServer({
    config: configWith(sections + toml, env),
    log: createLog("DEBUG", (line) => void log.push(line)),
    pace: { ...defaultPace, firstRetryDelay: 1, maxRetryDelay: 0, ...pace },
  });
  const post: RoutedProxy["post"] = (changes = {}, headers = {}, signal) =>
    fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(ask(changes)),
      ...(signal && { signal }),
    });
  return {
    url: server.url,
    log,
    post,
    backend(name) {
      const found = backends.get(name);
      if (!found) throw new Error(`There is no fake backend ${name}`);
      return found;
    },
    async say(changes, headers) {
      const body = answer.parse(await (await post(changes, headers)).json());
      return "error" in body ? body.error.type : body.content.map(({ text }) => text).join("");
    },
    async close() {
      await Promise.all([...backends.values()].map((upstream) => upstream.close()));
      await server.stop();
    },
  };
}

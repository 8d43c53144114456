/**
 * Room `commands/init/`: asks for what is needed to start, and writes it down. Not here: `process`, and what the values
 * mean.
 *
 * `init`: asks, tries the answers with a proxy of its own, and writes the user's `.env`.
 */
import { existsSync } from "node:fs";
import { ConfigError } from "../../config/config-error.ts";
import { userEnvFile } from "../../config/find-env-file.ts";
import { readConfig } from "../../config/read-config.ts";
import { aliasFor } from "../../plan/map-model.ts";
import { createLog } from "../../telemetry/log.ts";
import { refusesKey } from "../../upstream/transport/fetch-models.ts";
import { createSender } from "../../upstream/transport/send.ts";
import { createClient } from "../doctor/ask-proxy.ts";
import { makePrivate, type StartedProxy, startProxy } from "../start-proxy.ts";
import { type Answers, askSettings, type InitChoice } from "./ask-settings.ts";
import type { Terminal } from "./open-terminal.ts";
import { writeUserFile } from "./write-user-file.ts";

type SetUp = {
  readonly choice: InitChoice;
  /** Undefined if nobody can be asked. */
  readonly terminal: Terminal | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As in `process.platform`. */
  readonly platform: string;
  readonly print: (line: string) => void;
  /** What the user types to start the program. */
  readonly program: string;
};

/** How long the model may take for its first words, ms: a local server may have to load it. */
const tryMs = 60_000;
const maxFetches = 8;

/**
 * @returns whether the file was written
 * @throws ConfigError for a value that is not valid, or without a home directory
 */
export async function setUp({ choice, terminal, env, platform, print, program }: SetUp): Promise<boolean> {
  const path = userEnvFile(platform, env);
  if (path === undefined) throw new ConfigError(["HOME is not set, so there is no place for the file"]);
  return await askSettings(choice, {
    ask: terminal?.ask,
    askHidden: terminal?.askHidden,
    print: (line) => print(line.replace(/\p{Cc}/gu, " ")),
    path,
    exists: existsSync(path),
    listModels: (settings) =>
      withProxy(settings, async ({ catalog, listFault }) => {
        const fault = await listFault;
        if (fault) return { message: fault.message, refusesKey: refusesKey(fault.upstreamStatus) };
        // Names of a server must not steer the terminal, nor fill several lines of the file.
        return (await catalog).all().filter(({ id }) => !/\p{Cc}/u.test(id));
      }),
    tryOut: (settings) => withProxy(settings, (proxy) => tryModel(proxy, settings.BIG_MODEL ?? "")),
    write: (text) => writeUserFile(path, text),
    program,
  });
}

type Trial = StartedProxy & { readonly key: string };

async function withProxy<Value>(settings: Answers, use: (proxy: Trial) => Promise<Value>): Promise<Value> {
  const { config, key } = makePrivate(readConfig({ flags: settings, env: {}, file: undefined }));
  const capacity = { requests: maxFetches, fetches: maxFetches };
  const log = createLog("ERROR", () => {});
  const proxy = await startProxy({ config, demo: false, cassette: undefined, capacity, log });
  try {
    return await use({ ...proxy, key });
  } finally {
    proxy.cut();
    await proxy.stop();
  }
}

/** @returns what is wrong */
async function tryModel({ url, key }: Trial, model: string): Promise<string | undefined> {
  const client = createClient(url, key, createSender(maxFetches), AbortSignal.timeout(tryMs));
  const messages = [{ role: "user", content: "Say hello in one word." }];
  const heard = await client.ask({ model: aliasFor(model), max_tokens: 512, messages });
  if (heard.type === "late") return `the backend was silent for ${tryMs / 1000} s`;
  return heard.type === "error" ? heard.message : undefined;
}

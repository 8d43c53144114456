/** The proxy as a user starts it: its own process and environment, its address read from the banner. */
import { upstreamKey } from "../../test/support/fake-upstream.ts";
import { startGroup } from "./process-group.ts";

export type ProxyProcess = {
  readonly url: string;
  /** What it has logged since the last call. */
  takeLog(): string;
  stop(): Promise<void>;
};

const main = `${import.meta.dir}/../../src/main.ts`;
const startMs = 10_000;
const handStartMs = 60_000;

/**
 * @param cwd an empty directory, so that no `.env` is found
 * @param backend the value of `BACKEND_DIALECT`
 * @param settings further variables
 * @throws Error when it does not come up
 */
export async function startProxy(
  backendUrl: string,
  cwd: string,
  backend: string,
  settings: Readonly<Record<string, string>>,
): Promise<ProxyProcess> {
  const group = startGroup([process.execPath, main, "--port", "0", "--log-level", "DEBUG"], {
    cwd,
    env: {
      HOME: cwd,
      OPENAI_BASE_URL: backendUrl,
      OPENAI_API_KEY: upstreamKey,
      BIG_MODEL: "big-model",
      MIDDLE_MODEL: "middle-model",
      SMALL_MODEL: "small-model",
      BACKEND_DIALECT: backend,
      ...settings,
    },
  });
  let taken = 0;
  const takeLog = () => {
    const log = group.errors().slice(taken);
    taken += log.length;
    return log;
  };
  const deadline = Date.now() + startMs;
  for (;;) {
    const url = /listens on (http:\/\/\S+)/.exec(group.output())?.[1];
    if (url) return { url, takeLog, stop: group.stop };
    if (group.hasEnded() || Date.now() > deadline) {
      await group.stop();
      throw new Error(`Cannot start the proxy: it did not come up\n${group.output()}${group.errors()}`);
    }
    await Bun.sleep(20);
  }
}

/** Waits for a proxy that someone else starts. @throws Error when it does not answer in time */
export async function waitForProxy(url: string): Promise<ProxyProcess> {
  const deadline = Date.now() + handStartMs;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return { url, takeLog: () => "", async stop() {} };
    await Bun.sleep(200);
  }
  throw new Error(`The proxy at ${url} did not answer within ${handStartMs / 1000} s`);
}

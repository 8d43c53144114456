/** The two ways to a proxy: the address of a running one, or `run` in front of the command. */
import { upstreamKey } from "../../test/support/fake-upstream.ts";
import type { Launch } from "./run-cli.ts";

const root = `${import.meta.dir}/../..`;

export function launchAt(url: string): Launch {
  return { command: [], env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: "dummy" } };
}

const models = { BIG_MODEL: "big-model", MIDDLE_MODEL: "middle-model", SMALL_MODEL: "small-model" };

/**
 * The backend's key is in the environment, as it would be in a pipeline.
 * @param tapes where to record
 */
export function launchWithRun(backendUrl: string, tapes: string | undefined): Launch {
  return {
    command: runWith(tapes === undefined ? [] : ["--record", tapes]),
    env: { OPENAI_BASE_URL: backendUrl, OPENAI_API_KEY: upstreamKey, ...models },
  };
}

/** No address and no key. */
export function launchFromTapes(tapes: string): Launch {
  return { command: runWith(["--replay", tapes]), env: models };
}

function runWith(flags: readonly string[]): readonly string[] {
  return [process.execPath, `--config=${root}/bunfig.toml`, `${root}/src/main.ts`, "run", ...flags, "--"];
}

/** The two ways to a proxy: the address of one that runs, or `run` in front of the command. */
import { upstreamKey } from "../../test/support/fake-upstream.ts";
import type { Launch } from "./run-cli.ts";

const root = `${import.meta.dir}/../..`;

export function launchAt(url: string): Launch {
  return { command: [], env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: "dummy" } };
}

/** The backend's key is in the environment, as it would be in a pipeline. */
export function launchWithRun(backendUrl: string): Launch {
  return {
    command: [process.execPath, `--config=${root}/bunfig.toml`, `${root}/src/main.ts`, "run", "--"],
    env: {
      OPENAI_BASE_URL: backendUrl,
      OPENAI_API_KEY: upstreamKey,
      BIG_MODEL: "big-model",
      MIDDLE_MODEL: "middle-model",
      SMALL_MODEL: "small-model",
    },
  };
}

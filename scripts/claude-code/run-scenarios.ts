/** Claude Code started by `claude-code-proxy run`, as in a pipeline. */
import { json, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import { replaysSession } from "./cassettes.ts";
import type { Scenario } from "./scenario.ts";

/** The window that the backend reports for its big model, in tokens. */
const windowSize = 300_000;

export const modelList = json({
  object: "list",
  data: [{ id: "big-model", object: "model", created: 0, owned_by: "fake", context_length: windowSize }],
});

const bash = (command: string) => ({
  id: "call_bash",
  name: "Bash",
  arguments: { command, description: "Run it" },
});

/** The command sees the proxy and not the backend's key; the client uses the real window. */
const startsWithRun: Scenario = {
  name: "starts-with-run",
  ownProxy: true,
  rounds: () => [
    [
      toolCalls([
        bash("{ printenv OPENAI_API_KEY || echo none; printenv ANTHROPIC_DEFAULT_OPUS_MODEL; } > seen.txt"),
      ]),
    ],
    [text("All done.")],
  ],
  findFaults: async ({ cli, read }) => {
    const windows = Object.entries(cli.result?.modelUsage ?? {}).map(
      ([model, { contextWindow }]) => `${model} ${contextWindow}`,
    );
    const seen = await read("seen.txt");
    return [
      cli.exitCode !== 0 && `the exit code: ${cli.exitCode}, not 0`,
      seen !== "none\nbig-model\n" && `what the command saw: ${seen}`,
      windows.join() !== `big-model ${windowSize}` && `context windows the client assumes: ${windows}`,
      cli.result?.result !== "All done." && `the answer: ${cli.result?.result}`,
    ];
  },
};

const refusal = status(401, {
  error: {
    message: "Incorrect API key",
    type: "invalid_request_error",
    param: null,
    code: "invalid_api_key",
  },
});

const failsWithRun: Scenario = {
  name: "fails-with-run",
  ownProxy: true,
  ends: "failed",
  rounds: () => [[refusal]],
  findFaults: ({ cli }) => [cli.exitCode !== 1 && `the exit code: ${cli.exitCode}, not 1`],
};

export const runScenarios: readonly Scenario[] = [startsWithRun, failsWithRun, replaysSession];

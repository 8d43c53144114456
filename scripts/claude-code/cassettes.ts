/**
 * A session recorded once and then replayed: at another time of day, with an empty home, without a key or a backend.
 */
import { text, toolCalls } from "../../test/support/fake-upstream.ts";
import type { Scenario } from "./scenario.ts";

export const replaysSession: Scenario = {
  name: "replays-session",
  ownProxy: true,
  replayed: true,
  rounds: (project) => [
    [
      toolCalls([
        { id: "call_w", name: "Write", arguments: { file_path: `${project}/a.txt`, content: "alpha “ß”\n" } },
      ]),
    ],
    [
      toolCalls([
        // What these print changes from run to run.
        {
          id: "call_l",
          name: "Bash",
          arguments: { command: "ls -la; date; cat a.txt", description: "Look" },
        },
        { id: "call_b", name: "Bash", arguments: { command: "tr a-z A-Z < a.txt > b.txt; date +%T.%N" } },
      ]),
    ],
    [text("All done.")],
  ],
  findFaults: async ({ cli, read }) => [
    cli.exitCode !== 0 && `the exit code: ${cli.exitCode}, not 0`,
    (await read("b.txt")) !== "ALPHA “ß”\n" && `b.txt: ${await read("b.txt")}`,
    cli.result?.result !== "All done." && `the answer: ${cli.result?.result}`,
  ],
};

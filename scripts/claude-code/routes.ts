/** One session over several routes: tiers, a subagent and a summary each have their own, and a target may be dead. */
import { hang, status, text, toolCalls } from "../../test/support/fake-upstream.ts";
import { type Scenario, textOf } from "./scenario.ts";

/** The one fake backend under two names, and one that is not there; models tell which route a request has taken. */
const configFile = `
[backends.dead]
url = "http://127.0.0.1:9/v1"
[backends.live]
url = "\${OPENAI_BASE_URL}"
keys = "\${OPENAI_API_KEY}"
[backends.slow]
url = "\${OPENAI_BASE_URL}"
keys = "\${OPENAI_API_KEY}"
[routes]
opus = ["dead@gone", "live@opus-route"]
sonnet = { targets = ["slow@silent", "live@sonnet-route"], first_token_timeout = 1 }
haiku = "live@haiku-route"
subagent = "live@subagent-route"
compaction = "live@compaction-route"
"agent:Explore" = "live@explore-route"
`;

const env = { CLAUDE_CODE_GATEWAY_HINT_HEADERS: "1" };

const agent = (id: string, subagent_type: string) => ({
  id,
  name: "Agent",
  arguments: {
    description: "Look around",
    prompt: "Say what you see",
    subagent_type,
    run_in_background: false,
  },
});

const sendsAgentsElsewhere: Scenario = {
  name: "routes-agents",
  since: "2.1.330",
  configFile,
  env,
  flags: ["--model", "opus"],
  rounds: () => [
    [toolCalls([agent("call_explore", "Explore"), agent("call_general", "general-purpose")])],
    [text("Both have looked.")],
  ],
  answersApart({ model }) {
    if (model === "explore-route") return text("Seen by Explore");
    return model === "subagent-route" ? text("Seen by another") : undefined;
  },
  findFaults({ cli, asked }) {
    const results = (asked[1]?.messages ?? []).filter(({ role }) => role === "tool").map(textOf);
    return [
      asked.some(({ model }) => model !== "opus-route") && `models: ${asked.map(({ model }) => model)}`,
      !results[0]?.includes("Seen by Explore") && `Explore answered ${results[0]}`,
      !results[1]?.includes("Seen by another") && `the other agent answered ${results[1]}`,
      cli.result?.result !== "Both have looked." && `the answer: ${cli.result?.result}`,
    ];
  },
};

const overflow = status(400, {
  error: { message: "This model's maximum context length is 100 tokens", code: "context_length_exceeded" },
});

const summarizesElsewhere: Scenario = {
  name: "routes-compaction",
  since: "2.1.330",
  configFile,
  env,
  flags: ["--model", "haiku"],
  rounds: () => [
    [toolCalls([{ id: "call_1", name: "Bash", arguments: { command: "echo 1", description: "Run it" } }])],
    [overflow],
  ],
  compaction: { summary: "[scenario routes-compaction] One command was run.", goesOn: "Shorter now." },
  findFaults: ({ cli, asked }) => [
    !asked.some(({ model }) => model === "compaction-route") && `models: ${asked.map(({ model }) => model)}`,
    asked.at(-1)?.model !== "haiku-route" && `the answer came from ${asked.at(-1)?.model}`,
    cli.result?.result !== "Shorter now." && `the answer: ${cli.result?.result}`,
  ],
};

/** The client waits while the first target says nothing, and then the next one is asked. */
const goesOnAfterSilence: Scenario = {
  name: "routes-silence",
  configFile,
  env,
  flags: ["--model", "sonnet"],
  rounds: () => [[text("Here I am.")]],
  answersApart: ({ model }) => (model === "silent" ? hang("after-headers") : undefined),
  findFaults: ({ cli, asked }) => [
    asked.some(({ model }) => model !== "sonnet-route") && `models: ${asked.map(({ model }) => model)}`,
    cli.result?.result !== "Here I am." && `the answer: ${cli.result?.result}`,
  ],
};

export const routeScenarios: readonly Scenario[] = [
  sendsAgentsElsewhere,
  summarizesElsewhere,
  goesOnAfterSilence,
];

/**
 * Other clients than Claude Code, from npm, started by `run`, against a backend that is as strict as OpenAI. Prints one
 * line per client and scenario, followed by the reasons if it failed; exits with 1 if any did.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { type FakeUpstream, startFakeUpstream, status } from "../test/support/fake-upstream.ts";
import { launchWithRun } from "./claude-code/launch.ts";
import { startGroup } from "./claude-code/process-group.ts";
import { runInWorkspace } from "./claude-code/run-in-workspace.ts";
import { type Client, clients } from "./clients/clients.ts";
import { installClients } from "./clients/install-clients.ts";
import { type Outcome, type Scenario, scenarios } from "./clients/scenarios.ts";
import { createScriptedModel } from "./clients/scripted-model.ts";

const usage = `Usage: ./scripts/smoke-clients [--client CLIENT]... [--only SCENARIO]...

  --client  one of: ${clients.map(({ name }) => name).join(", ")}
  --only    one of: ${scenarios.map(({ name }) => name).join(", ")}

Installs the clients into .tools. All of both by default.`;

const limitMs = 90_000;

async function play(client: Client, scenario: Scenario, stage: Stage): Promise<readonly string[]> {
  const [home, project] = [`${stage.root}/home`, `${stage.root}/project`];
  for (const path of [home, project]) mkdirSync(path, { recursive: true });
  for (const [path, content] of Object.entries(scenario.files ?? {}))
    await Bun.write(`${project}/${path}`, content);
  const prompt = `[scenario ${scenario.name}] Do what has to be done.`;
  const model = createScriptedModel(prompt, (question, turn, attempt) =>
    scenario.reply(question, turn, attempt, { client, project }),
  );
  const before = stage.backend.requests.length;
  stage.backend.follow(model.answer);
  const { command, env } = launchWithRun(stage.backend.url, undefined);
  const words = ["node", `${stage.programs}/${client.name}.mjs`, scenario.task, prompt];
  const group = startGroup([...command, ...words], {
    cwd: project,
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: home, ...env, ...quiet },
  });
  const code = await group.endsWithin(limitMs);
  await group.stop();
  const refused = stage.backend.requests.slice(before).flatMap((request) => request.refused ?? []);
  const faults = [
    code !== 0 && `the exit code: ${code ?? "none, it did not end in time"}\n${group.errors()}`,
    ...[...new Set(refused)].map((reason) => `the backend refused a request: ${reason}`),
    ...(await scenario.findFaults({
      client,
      said: readSaid(group.output()),
      asked: model.asked,
      async read(path) {
        const file = Bun.file(`${project}/${path}`);
        return (await file.exists()) ? await file.text() : undefined;
      },
    })),
  ];
  return faults.filter((fault) => fault !== false);
}

/** Nothing but the proxy is called. */
const quiet = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  LANGSMITH_TRACING: "false",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
};

type Stage = { readonly root: string; readonly programs: string; readonly backend: FakeUpstream };

/** The last line is the program's own. */
function readSaid(output: string): Outcome["said"] {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch {
    return { error: `printed ${line || "nothing"}` };
  }
}

/** @returns the exit code. @throws Error for unknown arguments, and when npm fails */
async function main(args: string[], workspace: string): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      client: { type: "string", multiple: true, default: clients.map(({ name }) => name) },
      only: { type: "string", multiple: true, default: scenarios.map(({ name }) => name) },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const known = [...clients, ...scenarios].map(({ name }) => name);
  const unknown = [...values.client, ...values.only].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no "${unknown}"; see --help`);
  const programs = await installClients(`${import.meta.dir}/../.tools`);
  const backend = await startFakeUpstream(status(500));
  const tally = { passed: 0, failed: 0 };
  for (const client of clients.filter(({ name }) => values.client.includes(name)))
    for (const scenario of scenarios.filter(({ name }) => values.only.includes(name))) {
      if (scenario.task === "structured" && !client.hasStructuredOutput) continue;
      const startedAt = performance.now();
      const root = `${workspace}/${client.name}-${scenario.name}`;
      const faults = await play(client, scenario, { root, programs, backend });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${faults.length === 0 ? "ok" : "FAIL"} ${client.name} ${scenario.name} (${seconds} s)`);
      for (const fault of faults) console.log(`  ${fault}`);
      tally[faults.length === 0 ? "passed" : "failed"] += 1;
    }
  await backend.close();
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
}

await runInWorkspace("smoke-clients", main);

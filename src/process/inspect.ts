/** The commands that do not carry messages: what each needs of the process, and its exit code. */
import { exits } from "../commands/exit-codes.ts";
import type { InvocationOf } from "../commands/read-arguments.ts";
import { urlFor } from "../lib/host.ts";
import { gatherSources, loadConfig, unusedKey } from "./load-config.ts";
import { bypassProxiesForLoopback } from "./prepare-process.ts";
import { print, printError, program } from "./this-process.ts";

/** Shows mistakes too, below the values that they are among. A key need not be there yet. */
export async function showConfig(invocation: InvocationOf<"models" | "config">): Promise<number> {
  const { listSettings, readConfig } = await import("../config/read-config.ts");
  const { describeConfig, writeConfigJson } = await import("../commands/describe-config.ts");
  const { readClientKeys } = await import("../commands/read-client-keys.ts");
  const sources = await gatherSources(invocation, { searchCwd: true });
  const settings = listSettings(sources);
  if (invocation.json) print(writeConfigJson(settings));
  else for (const line of describeConfig(settings)) print(line);
  const config = readConfig({ ...sources, fallbacks: { ...sources.fallbacks, ...unusedKey } });
  for (const warning of readClientKeys(config, { rewrites: false }).warnings) printError(warning);
  return exits.success.code;
}

export async function showModels(invocation: InvocationOf<"models" | "config">): Promise<number> {
  const { describeModels, writeModelsJson, readModels } = await import("../commands/list-models.ts");
  const config = await loadConfig(invocation, { searchCwd: true });
  bypassProxiesForLoopback();
  const { listed, models, faults } = await readModels(config, invocation.demo);
  for (const words of faults) printError(words);
  if (invocation.json) print(writeModelsJson(listed, models));
  else for (const line of describeModels(listed, models)) print(line);
  return exits.success.code;
}

export async function showUsage(invocation: InvocationOf<"usage">): Promise<number> {
  const { summarizeUsage } = await import("../commands/summarize-usage.ts");
  const { usage } = await loadConfig(invocation, { searchCwd: true, fallbacks: unusedKey });
  print(summarizeUsage({ ...invocation, path: usage.database }));
  return exits.success.code;
}

/** The proxy of the same configuration, unless another is named. */
export async function watchTop(invocation: InvocationOf<"top">): Promise<number> {
  const { showTop } = await import("../commands/top/show-top.ts");
  const { openScreen } = await import("../commands/top/open-screen.ts");
  const { createSender } = await import("../upstream/transport/send.ts");
  const { stdin: input, stdout: output } = process;
  const { server } = await loadConfig(invocation, { searchCwd: true, fallbacks: unusedKey });
  bypassProxiesForLoopback();
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ended.abort());
  const terminal = openScreen({ input, output });
  try {
    await showTop({
      url: invocation.url ?? urlFor(server.host, server.port),
      key: server.clientKey ?? server.clients.keys.find(({ key }) => key !== undefined)?.key,
      sender: createSender(8),
      signal: ended.signal,
      terminal,
      isColored: invocation.color && showsColors(),
      print,
    });
  } finally {
    terminal?.close();
  }
  return exits.success.code;
}

function showsColors(): boolean {
  const { env, stdout } = process;
  return stdout.isTTY && !env.NO_COLOR && env.TERM !== "dumb";
}

/** How long `doctor` may take, ms. */
const doctorMs = 13_000;

export async function runDoctor(invocation: InvocationOf<"doctor">): Promise<number> {
  const { examine } = await import("../commands/doctor/examine.ts");
  bypassProxiesForLoopback();
  const isHealthy = await examine({
    loadConfig: () => loadConfig(invocation, { searchCwd: true }),
    loadSettings: async () => {
      const { listSettings } = await import("../config/read-config.ts");
      return listSettings(await gatherSources(invocation, { searchCwd: true }));
    },
    demo: invocation.demo,
    json: invocation.json,
    isColored: invocation.color && showsColors(),
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    print,
    withinMs: doctorMs,
  });
  return (isHealthy ? exits.success : exits.failed).code;
}

export async function runInit(invocation: InvocationOf<"init">): Promise<number> {
  const { setUp } = await import("../commands/init/set-up.ts");
  const { readKeyLine } = await import("../commands/read-key.ts");
  const { openTerminal } = await import("../commands/init/open-terminal.ts");
  const { stdin, stderr, env, platform } = process;
  const { settings, backend, force, keyFromStdin } = invocation;
  bypassProxiesForLoopback();
  const isDone = await setUp({
    choice: {
      backend,
      force,
      baseUrl: settings.OPENAI_BASE_URL,
      big: settings.BIG_MODEL,
      middle: undefined,
      small: settings.SMALL_MODEL,
      key: keyFromStdin ? readKeyLine() : undefined,
    },
    terminal: stdin.isTTY && stderr.isTTY ? openTerminal({ input: stdin, output: stderr }) : undefined,
    env,
    platform,
    print,
    program,
  });
  return (isDone ? exits.success : exits.failed).code;
}

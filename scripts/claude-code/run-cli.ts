/** One `claude -p` in isolation: an empty home, a bare environment, no address but the proxy's. */
import { z } from "zod";
import { startGroup } from "./process-group.ts";

export type CliRun = {
  /** Undefined if it had to be killed. */
  readonly exitCode: number | undefined;
  readonly errors: string;
  /** Blocks of the assistant's messages, as the client understood them. */
  readonly blocks: readonly Block[];
  /** The results of its tools, in the client's own format. */
  readonly toolResults: readonly unknown[];
  /** The final message of the run; undefined if there was none. */
  readonly result: Result | undefined;
};

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  thinking: z.string().optional(),
  signature: z.string().optional(),
});
type Block = z.infer<typeof block>;

const result = z.looseObject({
  type: z.literal("result"),
  is_error: z.boolean(),
  result: z.string().optional(),
  /** What the client assumes about each model. */
  modelUsage: z.record(z.string(), z.looseObject({ contextWindow: z.number().optional() })).optional(),
  usage: z.looseObject({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_read_input_tokens: z.number(),
  }),
});
type Result = z.infer<typeof result>;

const line = z.union([
  result,
  z.looseObject({ type: z.literal("assistant"), message: z.looseObject({ content: z.array(block) }) }),
  z.looseObject({ type: z.literal("user"), tool_use_result: z.unknown() }),
  z.looseObject({ type: z.string() }).transform(() => undefined),
]);

/** How the client reaches a proxy. */
export type Launch = {
  /** The command in front of it; empty if it is started directly. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

export type CliOptions = {
  readonly program: string;
  readonly launch: Launch;
  readonly prompt: string;
  readonly project: string;
  readonly home: string;
  readonly path: string;
  readonly limitMs: number;
  /** In addition to those of every run. */
  readonly flags?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
};

export async function runCli(options: CliOptions): Promise<CliRun> {
  const flags = ["--output-format", "stream-json", "--verbose", ...(options.flags ?? [])];
  // Enough to work without asking; skipping all permissions is not allowed as root.
  const permissions = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash,Read,Write,Edit"];
  const { command, env } = options.launch;
  const group = startGroup([...command, options.program, "-p", options.prompt, ...flags, ...permissions], {
    cwd: options.project,
    env: {
      PATH: options.path,
      HOME: options.home,
      ...env,
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
      DISABLE_AUTOUPDATER: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      ...options.env,
    },
  });
  const exitCode = await group.endsWithin(options.limitMs);
  await group.stop();
  const printed = group.output().split("\n").map(readLine);
  return {
    exitCode,
    errors: group.errors(),
    blocks: printed.flatMap((said) => (said?.type === "assistant" ? said.message.content : [])),
    toolResults: printed.flatMap((said) => (said?.type === "user" ? [said.tool_use_result] : [])),
    result: printed.findLast((said) => said?.type === "result"),
  };
}

function readLine(text: string): z.infer<typeof line> {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    // Half a line, if it had to be killed.
    return undefined;
  }
}

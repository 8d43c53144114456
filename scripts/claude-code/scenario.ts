/**
 * Room `scripts/claude-code/`: the real Claude Code, run against a scripted model. Not here: tests that need no
 * client; they are in `test/`.
 *
 * What a scenario is, and how to run one: a project directory, a prompt that names the scenario, a scripted model
 * behind the proxy, and a verdict from what is on disk, what the CLI printed and what the backend received.
 */
import { mkdir, rm } from "node:fs/promises";
import { z } from "zod";
import {
  encodeStream,
  type FakeReply,
  type FakeUpstream,
  raw,
  status,
  text,
  type UpstreamRequest,
} from "../../test/support/fake-upstream.ts";
import { encodeResponse } from "../../test/support/responses-replies.ts";
import { launchAt, launchFromTapes, launchWithRun } from "./launch.ts";
import { readAsChat } from "./read-as-chat.ts";
import { type CliRun, type Launch, runCli } from "./run-cli.ts";

export type Scenario = {
  readonly name: string;
  /** The `BACKEND_DIALECT`; `generic` by default. */
  readonly backend?: "openai" | "openrouter" | "gemini" | "mistral" | "generic";
  /** Further variables of the proxy. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The first version of Claude Code that can do this. */
  readonly since?: string;
  /** The `config.toml` of the proxy. */
  readonly configFile?: string;
  /** Whether `run` starts the client, with a proxy of its own; otherwise it gets the address of a running proxy. */
  readonly ownProxy?: true;
  /** Whether `run` records it, and it is run once more from the recording. */
  readonly replayed?: true;
  /** Files in the project at the start; path → content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Further flags and variables for the CLI. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the model says in each round of the conversation. A round has one answer for each time that it is requested:
   * several if the first ones fail.
   */
  rounds(project: string): readonly (readonly FakeReply[])[];
  /** The model's summary when the client compacts the conversation, and what it says to a conversation with that. */
  readonly compaction?: { readonly summary: string; readonly goesOn: string };
  /**
   * What the backend answers to a request that counts as none of a round: to one that breaks its rules, or that the
   * proxy makes on its own.
   */
  answersApart?(asked: Asked): FakeReply | undefined;
  /** The client may give up before it has received every answer of a round. */
  readonly mayGiveUp?: boolean;
  /** How the turn ends for the user; `answered` by default. */
  readonly ends?: "answered" | "failed";
  /** What is wrong with the outcome, in addition to what is checked for every scenario. */
  findFaults(outcome: Outcome): Promise<readonly (string | false)[]> | readonly (string | false)[];
};

export type Outcome = {
  readonly cli: CliRun;
  /** The requests that the backend received, in order. */
  readonly asked: readonly Asked[];
  /** The content of a file of the project; undefined if there is none. */
  read(path: string): Promise<string | undefined>;
};

export type Asked = {
  readonly model: string;
  readonly messages: readonly Message[];
  /** Names of the functions that were offered, and types of other tools, in order. */
  readonly tools: readonly string[];
  /** The functions themselves. */
  readonly functions: readonly { readonly name: string; readonly parameters?: unknown }[];
  readonly atMs: number;
  /** The whole body, as it came. */
  readonly body: unknown;
};
export type Message = z.infer<typeof message>;

const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z
    .union([
      z.string(),
      z.array(
        z.looseObject({
          type: z.string(),
          text: z.string().optional(),
          image_url: z.object({ url: z.string() }).optional(),
        }),
      ),
    ])
    .nullish(),
  reasoning_content: z.string().nullish(),
  reasoning_details: z.array(z.unknown()).optional(),
  tool_calls: z
    .array(z.looseObject({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
    .optional(),
  tool_call_id: z.string().optional(),
});
const chat = z.looseObject({
  model: z.string(),
  messages: z.array(message),
  tools: z
    .array(
      z.looseObject({
        type: z.string(),
        function: z.looseObject({ name: z.string(), parameters: z.unknown() }).optional(),
      }),
    )
    .default([]),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
});

export type Stage = {
  /** A directory of its own, which does not exist yet. */
  readonly root: string;
  readonly program: string;
  readonly proxyUrl: string;
  readonly backend: FakeUpstream;
  /** Where programs are found. */
  readonly path: string;
  readonly limitMs: number;
};

/** Runs a scenario in fresh directories; returns everything that went wrong. */
export async function play(scenario: Scenario, stage: Stage): Promise<string[]> {
  const { backend, root } = stage;
  const model = createModel(scenario, scenario.rounds(`${root}/project`));
  const before = backend.requests.length;
  backend.follow(model.answer);
  const tapes = scenario.replayed ? `${root}/tapes` : undefined;
  const launch = scenario.ownProxy ? launchWithRun(backend.url, tapes) : launchAt(stage.proxyUrl);
  const faults = await perform(scenario, stage, launch, model.asked);
  const refused = new Set(backend.requests.slice(before).flatMap(({ refused }) => refused ?? []));
  return [
    ...[...refused].map((reason) => `the backend refused a request: ${reason}`),
    ...model.findFaults(),
    ...faults,
    ...(tapes === undefined ? [] : await replay(scenario, stage, tapes)),
  ];
}

/** Runs it again, with nothing left of the first run but the tapes. */
async function replay(scenario: Scenario, stage: Stage, tapes: string): Promise<string[]> {
  const before = stage.backend.requests.length;
  for (const left of ["project", "home"]) await rm(`${stage.root}/${left}`, { recursive: true, force: true });
  const faults = await perform(scenario, stage, launchFromTapes(tapes), []);
  const asked = stage.backend.requests.length - before;
  return [...faults, ...(asked > 0 ? ["the backend was asked"] : [])].map((fault) => `replayed: ${fault}`);
}

async function perform(
  scenario: Scenario,
  stage: Stage,
  launch: Launch,
  asked: readonly Asked[],
): Promise<string[]> {
  const { name, flags, env, files = {}, ends = "answered" } = scenario;
  const [project, home] = [`${stage.root}/project`, `${stage.root}/home`];
  await Promise.all([project, home].map((path) => mkdir(path, { recursive: true })));
  for (const [path, content] of Object.entries(files)) await Bun.write(`${project}/${path}`, content);
  const prompt = `[scenario ${name}] Do what has to be done.`;
  const cli = await runCli({ ...stage, launch, prompt, project, home, flags, env });
  const faults = await scenario.findFaults({
    cli,
    asked,
    async read(path) {
      const file = Bun.file(`${project}/${path}`);
      return (await file.exists()) ? await file.text() : undefined;
    },
  });
  return [...judgeEnd(cli, ends), ...faults.filter((fault) => fault !== false)];
}

function judgeEnd({ exitCode, result, errors }: CliRun, expected: "answered" | "failed"): string[] {
  if (exitCode === undefined) return ["did not end in time"];
  if (!result) return [`printed no result, exit code ${exitCode}: ${errors.trim()}`];
  const ended = result.is_error ? "failed" : "answered";
  return ended === expected ? [] : [`the turn ${ended}: ${result.result ?? "no result"}`];
}

type Model = {
  readonly asked: readonly Asked[];
  answer(request: UpstreamRequest): FakeReply;
  /** Rounds that were requested too often or not often enough, and requests from outside the scenario. */
  findFaults(): string[];
};

/**
 * The scripted model. It answers according to the conversation in the request, so that a repeated request gets its
 * proper answer.
 */
function createModel(
  { name, compaction, mayGiveUp = false, answersApart = () => undefined }: Scenario,
  rounds: readonly (readonly FakeReply[])[],
): Model {
  const asked: Asked[] = [];
  const strays: string[] = [];
  const counts = rounds.map(() => 0);
  return {
    asked,
    answer(request) {
      const isChat = request.path.endsWith("/chat/completions");
      const body = isChat ? request.body : readAsChat(request.body);
      const { model, messages, tools, stream, stream_options } = chat.parse(body);
      const names = tools.map((tool) => tool.function?.name ?? tool.type);
      const functions = tools.flatMap((tool) => tool.function ?? []);
      const atMs = performance.now();
      const question = { model, messages, tools: names, functions, atMs, body: request.body };
      const apart = answersApart(question);
      if (apart) return apart;
      asked.push(question);
      if (compaction && messages.some((message) => textOf(message).includes(compaction.summary)))
        return text(compaction.goesOn);
      if (compaction && /\bsummary of\b/i.test(textOf(messages.at(-1) ?? { role: "user" })))
        return text(`<summary>${compaction.summary}</summary>`);
      const start = messages.findLastIndex(
        (message) => message.role === "user" && textOf(message).includes(`[scenario ${name}]`),
      );
      const round = messages.slice(start).filter((message) => message.tool_calls).length;
      const answers = start === -1 ? undefined : rounds[round];
      const count = (counts[round] ?? 0) + 1;
      const reply = answers?.[Math.min(count, answers.length) - 1];
      if (!reply) {
        strays.push(start === -1 ? "a request without the prompt" : `a request for round ${round + 1}`);
        return status(500);
      }
      counts[round] = count;
      if (reply.kind === "response" && stream) {
        const frames = encodeResponse(reply.answer, request.body).text.match(/(?:.+\n)+\n/g) ?? [];
        return raw(frames, { delayMs: 1 });
      }
      if (reply.kind !== "completion" || !stream) return reply;
      const frames = encodeStream(reply, stream_options?.include_usage === true).match(/.+\n\n/g) ?? [];
      // As a model would: one piece at a time, each a separate read at the other end.
      return raw(frames, { delayMs: 1 });
    },
    findFaults: () => [
      ...strays.map((stray) => `the backend got ${stray}`),
      ...counts.flatMap((count, at) => {
        const due = rounds[at]?.length ?? 0;
        return count === due || (mayGiveUp && count > 0 && count < due)
          ? []
          : [`round ${at + 1} was asked for ${count} times, not ${due}`];
      }),
    ],
  };
}

/** All text of a message in one piece. */
export function textOf({ content }: Message): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("\n");
}

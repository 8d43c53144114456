/**
 * One session of Claude Code over three backends that speak three protocols, changed in mid-session: a fake Anthropic
 * that gets the user's own login, one that is asked at `/responses`, and one at `/chat/completions`. Each gets back the
 * reasoning that it made, and nobody gets another's.
 */
import { mkdir } from "node:fs/promises";
import { z } from "zod";
import { called, said, startFakeAnthropic, thought } from "../../test/support/fake-anthropic.ts";
import {
  inOrder,
  reasoning,
  respond,
  startFakeUpstream,
  text,
  toolCalls,
  upstreamKey,
} from "../../test/support/fake-upstream.ts";
import { callItem, messageItem, reasoningItem } from "../../test/support/responses-replies.ts";
import { type CliRun, runCli } from "./run-cli.ts";
import { modelList } from "./run-scenarios.ts";
import { startProxy } from "./start-proxy.ts";

export const threeProtocols = "three-protocols";

const login = "sk-ant-oat01-of-the-user";

type Stage = {
  /** A directory of its own, which does not exist yet. */
  readonly root: string;
  readonly program: string;
  readonly path: string;
  readonly limitMs: number;
};

/** Whether a word is anywhere in a value, such as the id of a call in a request. */
const holds = (value: unknown, word: string): boolean => JSON.stringify(value).includes(word);

/** @returns what went wrong */
export async function playThreeProtocols({ root, program, path, limitMs }: Stage): Promise<string[]> {
  const [project, home] = [`${root}/project`, `${root}/home`];
  await Promise.all([project, home].map((folder) => mkdir(folder, { recursive: true })));
  await Bun.write(`${project}/left.txt`, "left hand\n");
  const read = { file_path: `${project}/left.txt` };
  const claude = await startFakeAnthropic(
    ({ body }) => {
      if (holds(body, "Back at the first"))
        return { blocks: [thought("I am back"), said("Three of three.")] };
      return holds(body, "toolu_first")
        ? { blocks: [thought("I have read it"), said("One of three.")] }
        : { blocks: [thought("I read first"), called("toolu_first", "Read", read)] };
    },
    { logins: [login], splitEvery: 97 },
  );
  const chat = await startFakeUpstream(
    ({ body }) =>
      holds(body, "call_chat")
        ? inOrder(reasoning("Chat has read it"), text("Chat says two."))
        : inOrder(reasoning("Chat reads"), toolCalls([{ id: "call_chat", name: "Read", arguments: read }])),
    { extensions: ["reasoning_content"], models: modelList },
  );
  const items = await startFakeUpstream(
    ({ body }) =>
      holds(body, "call_items")
        ? respond([reasoningItem("rs_2", "Items have read it"), messageItem("Items say two and a half.")])
        : respond([reasoningItem("rs_1", "Items read"), callItem("call_items", "Read", read)]),
    { models: modelList, speaks: ["responses"] },
  );
  const config = `${root}/.config/claude-code-proxy/config.toml`;
  await Bun.write(
    config,
    `[backends.claude]
url = "${claude.url}"
protocol = "anthropic"
keys = "caller"
[backends.chat]
url = "${chat.url}"
keys = "${upstreamKey}"
[backends.items]
url = "${items.url}"
keys = "${upstreamKey}"
protocol = "responses"
[routes]
opus = "claude@*"
haiku = "chat@big-model"
sonnet = "items@gpt-5.4"
`,
  );
  const proxy = await startProxy("http://127.0.0.1:9/v1", root, "generic", {});
  const turn = (model: string, prompt: string, session?: string): Promise<CliRun> =>
    runCli({
      program,
      path,
      limitMs,
      project,
      home,
      prompt,
      launch: { command: [], env: { ANTHROPIC_BASE_URL: proxy.url, CLAUDE_CODE_OAUTH_TOKEN: login } },
      flags: ["--model", model, ...(session === undefined ? [] : ["--resume", session])],
    });
  const faults: string[] = [];
  try {
    const first = await turn("opus", "Read left.txt.");
    const session = sessionOf(first);
    const runs = [first];
    for (const [model, prompt] of [
      ["haiku", "Now with chat."],
      ["sonnet", "Now with items."],
      ["opus", "Back at the first."],
    ] as const) {
      runs.push(await turn(model, prompt, sessionOf(runs.at(-1)) ?? session));
    }
    const answers = runs.map(({ result, errors, exitCode }) => result?.result ?? `${exitCode} ${errors}`);
    const wanted = ["One of three.", "Chat says two.", "Items say two and a half.", "Three of three."];
    if (answers.join("\n") !== wanted.join("\n")) faults.push(`the answers were ${answers.join(" | ")}`);
    const last = claude.requests.findLast(({ path }) => path.startsWith("/v1/messages"));
    const signed = [thought("I read first"), thought("I have read it")].filter(
      (block) => !holds(last?.body, JSON.stringify(block.signature).slice(1, -1)),
    );
    if (signed.length > 0) faults.push("the first backend did not get back what it had signed");
    if (holds(last?.body, "ccp1.")) faults.push("it got what another had signed");
    const refused = [...claude.requests, ...chat.requests, ...items.requests].flatMap(
      ({ refused }) => refused ?? [],
    );
    faults.push(...new Set(refused.map((reason) => `a backend refused a request: ${reason}`)));
    const others = [...chat.requests, ...items.requests];
    if (others.some(({ headers }) => holds([...headers], login)))
      faults.push("another backend got the login");
    if (!claude.requests.some(({ headers }) => headers.get("authorization") === `Bearer ${login}`))
      faults.push("the login did not arrive");
    const log = proxy.takeLog();
    if (log.includes(login)) faults.push("the login is in the log");
    if (faults.length > 0) faults.push(...log.trimEnd().split("\n").slice(-20));
  } finally {
    await Promise.all([proxy.stop(), claude.close(), chat.close(), items.close()]);
  }
  return faults;
}

const named = z.looseObject({ session_id: z.string() });

function sessionOf(run: CliRun | undefined): string | undefined {
  return named.safeParse(run?.result).data?.session_id;
}

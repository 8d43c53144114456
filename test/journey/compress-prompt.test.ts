/** `PROMPT_COMPRESSION`, from the client's request to what the backend receives. */
import { afterEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  createGate,
  encodeStream,
  type FakeReply,
  hang,
  held,
  inOrder,
  raw,
  reasoning,
  status,
  text,
  type UpstreamRequest,
} from "../support/fake-upstream.ts";
import { isBuilt } from "../support/program.ts";
import {
  billing,
  environment,
  full,
  gitStatus,
  identity,
  memoryPath,
  passages,
  promptOf,
  systemOf,
} from "../support/prompts.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy;
afterEach(() => proxy.close());

const tools = [{ name: "Bash", description: "Runs it", input_schema: { type: "object", properties: {} } }];
const session = (changes: Record<string, unknown> = {}) =>
  ask({ system: systemOf(promptOf(full)), tools, ...changes });

const chat = z.looseObject({
  model: z.string(),
  max_tokens: z.number().optional(),
  tools: z.array(z.unknown()).optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })),
});
const chatOf = (request: UpstreamRequest) => chat.parse(request.body);
const chats = () => proxy.upstream.requests.filter(({ body }) => body !== undefined).map(chatOf);
const promptsSent = () => chats().map(({ messages }) => messages[0]?.content ?? "");
const boilerplate = "One more rule that every model hears.";

test("none: the prompt is unchanged", async () => {
  proxy = await startProxy(text("Hello"));
  await proxy.post(session());
  expect(promptsSent()).toEqual([`${identity}\n\n${promptOf(full)}`]);
});

// A built program knows only the passages of the real client.
describe.skipIf(isBuilt)("compact", () => {
  const start = (maxSystemTokens = 4096) =>
    startProxy(text("Hello"), { passages, config: { compression: { mode: "compact", maxSystemTokens } } });

  test("the backend gets the same short prompt in every turn, and all tools", async () => {
    proxy = await start();
    const first = [{ role: "user", content: "Hello" }];
    await proxy.post(session({ messages: first }));
    await proxy.post(
      session({
        messages: [...first, { role: "assistant", content: "Hello" }, { role: "user", content: "Go" }],
      }),
    );
    const [one = "", two] = promptsSent();
    expect(two).toBe(one);
    expect(one).toStartWith(identity);
    expect(one).not.toContain(boilerplate);
    expect(one).toContain(environment);
    expect(one).toEndWith(gitStatus);
    expect(chats()[0]?.tools).toEqual([
      {
        type: "function",
        function: { name: "Bash", description: "Runs it", parameters: tools[0]?.input_schema },
      },
    ]);
    const told = proxy.log.filter((line) => line.includes("System prompt compacted"));
    expect(told).toHaveLength(1);
    for (const heading of full) expect(told[0]).toContain(heading);
  });

  test("the client sees the token count of the smaller prompt", async () => {
    const estimate = async () =>
      /"input_tokens":(\d+)/.exec(await (await proxy.post(session({ stream: true }))).text());
    proxy = await startProxy(text("Hello"));
    const [, whole] = (await estimate()) ?? [];
    await proxy.close();
    proxy = await start();
    const [, compressed] = (await estimate()) ?? [];
    expect(Number(compressed)).toBeLessThan(Number(whole) / 2);
  });

  test("protected parts stay whole beyond the limit, and the log names them", async () => {
    proxy = await start(10);
    await proxy.post(session());
    const [prompt = ""] = promptsSent();
    expect(prompt).toContain(environment);
    expect(prompt).toContain(gitStatus);
    expect(proxy.log.filter((line) => line.includes("exceeds PROMPT_MAX_SYSTEM_TOKENS"))).toHaveLength(1);
    expect(proxy.log.join("\n")).toContain("# Environment, gitStatus: a snapshot.");
  });

  test("a custom agent's prompt and system messages in the conversation reach the backend unchanged", async () => {
    proxy = await startProxy(text("Hello"), { passages, config: { compression: { mode: "compact" } } });
    const mine = "# System\n\nSell shoes.\n\n# Tone and style\n\nBe kind.\n\n# Memory\n\nIn `/mine/notes/`.";
    const hook = promptOf(full);
    const messages = [
      { role: "user", content: "Hello" },
      { role: "system", content: `${hook}\n\n# Memory\n\nOf the hook` },
      { role: "user", content: "Go" },
    ];
    await proxy.post(session({ system: systemOf(mine), messages }));
    expect(promptsSent()).toEqual([`${identity}\n\n${mine}`]);
    expect(JSON.stringify(chats())).toContain(
      JSON.stringify(`${hook}\n\n# Memory\n\nOf the hook`).slice(1, -1),
    );
    expect(proxy.log.join("\n")).not.toContain("System prompt compacted");
  });

  test("the client's safety check of an action is left alone", async () => {
    proxy = await start(10);
    const system = `You are a security monitor.\n\n${promptOf(full)}`;
    await proxy.post(ask({ system }));
    await proxy.post(ask({ system: promptOf(full), stop_sequences: ["</severity>"] }));
    expect(promptsSent()).toEqual([system, promptOf(full)]);
  });
});

describe.skipIf(isBuilt)("summarize", () => {
  /** Long enough to stand for the client's words. */
  const summary = `Notes are in \`${memoryPath}\`. ${"Be brief, and do what every model hears. ".repeat(60)}`;
  const isSummary = ({ body }: UpstreamRequest) => JSON.stringify(body ?? "").includes("<instructions>");

  /** Answers the summaries with one thing, everything else with another. */
  async function start(summary: FakeReply | (() => FakeReply), summaryWithin?: number): Promise<void> {
    proxy = await startProxy(
      (request) =>
        !isSummary(request) ? text("Hello") : typeof summary === "function" ? summary() : summary,
      {
        passages,
        config: { compression: { mode: "summarize", maxSystemTokens: 4096 } },
        ...(summaryWithin !== undefined && { pace: { summaryWithin } }),
      },
    );
  }
  const summaries = () => proxy.upstream.requests.filter(isSummary);
  const sent = () =>
    proxy.upstream.requests
      .filter((request) => request.body !== undefined && !isSummary(request))
      .map((request) => chatOf(request).messages[0]?.content ?? "");
  const warnings = () =>
    proxy.log.filter((line) =>
      line.includes("Compacting the system prompt by rules instead of summarizing it"),
    );

  test("the small model is asked once, and its words join the protected parts", async () => {
    await start(inOrder(reasoning("Let me see"), text(summary)));
    expect((await proxy.post(session())).status).toBe(200);
    expect((await proxy.post(session())).status).toBe(200);
    expect(summaries()).toHaveLength(1);
    // Another conversation, in another state of the project: the client's own words are the same.
    const [, ...blocks] = systemOf(promptOf(full).replace("1234567", "7654321"));
    await proxy.post(session({ system: [{ type: "text", text: `${billing} cch=1` }, ...blocks] }));
    expect(summaries()).toHaveLength(1);
    const [call] = summaries().map(chatOf);
    expect(call?.model).toBe("small-model");
    expect(call?.messages.at(-1)?.content).toContain(boilerplate);
    expect(call?.messages.at(-1)?.content).not.toContain(environment);
    const [one = "", two] = sent();
    expect(two).toBe(one);
    expect(one).toContain(summary.trim());
    expect(one).not.toContain(boilerplate);
    expect(one).toContain(environment);
    expect(one).toEndWith(gitStatus);
  });

  test("simultaneous requests share one call, which continues when one of them is cancelled", async () => {
    const gate = createGate();
    await start(held(gate, raw(encodeStream(text(summary), true))));
    const leave = new AbortController();
    const leaver = proxy.post(session(), {}, leave.signal);
    const others = [proxy.post(session()), proxy.post(session({ stream: true }))];
    await proxy.upstream.received(2);
    leave.abort();
    await leaver.catch(() => {});
    gate.open();
    for (const response of await Promise.all(others)) expect(await response.text()).toContain("Hello");
    expect(summaries()).toHaveLength(1);
    expect(sent().length).toBeGreaterThanOrEqual(2);
    for (const prompt of sent()) expect(prompt).toContain(summary.trim());
    await proxy.post(session());
    expect(summaries()).toHaveLength(1);
  });

  test("counting makes no call, and counts the message as it will be sent", async () => {
    await start(text(summary));
    const count = async () => {
      const body = JSON.stringify(session());
      const url = `${proxy.url}/v1/messages/count_tokens`;
      const answer = await fetch(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      return z.object({ input_tokens: z.number() }).parse(await answer.json()).input_tokens;
    };
    const compacted = await count();
    expect(summaries()).toHaveLength(0);
    await proxy.post(session());
    expect(await count()).not.toBe(compacted);
    expect(summaries()).toHaveLength(1);
  });

  const failures: Readonly<Record<string, FakeReply>> = {
    "a failure": status(401),
    "an answer longer than what it shortens": text("word ".repeat(5000)),
    "an answer that leaves out most of it": text("Be brief."),
    "a refusal": text(`I'm sorry, but I can't help with that. ${summary}`),
    silence: hang("before-headers"),
  };
  for (const [name, reply] of Object.entries(failures)) {
    test(`${name}: the fixed rules apply, the log says so once, and the backend is not asked again`, async () => {
      await start(reply, 300);
      expect((await proxy.post(session())).status).toBe(200);
      const asked = summaries().length;
      expect((await proxy.post(session())).status).toBe(200);
      expect(summaries()).toHaveLength(asked);
      const [one = "", two] = sent();
      expect(two).toBe(one);
      expect(one).toContain("# Way of working");
      expect(one).not.toContain(boilerplate);
      expect(one).toContain(environment);
      expect(warnings()).toHaveLength(1);
    });
  }
});

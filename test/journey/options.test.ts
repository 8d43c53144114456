/** Options of beta clients through the real server: those that are honored, and those that are named in the log. */
import { afterEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { z } from "zod";
import { inOrder, reasoning, type Script, status, text, toolCalls } from "../support/fake-upstream.ts";
import { checkStream, foldMessage } from "../support/grammar.ts";
import { ask, startProxy, type TestProxy } from "../support/proxy.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

async function start(script: Script): Promise<TestProxy> {
  proxy = await startProxy(script);
  return proxy;
}

const bodies = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  tools: z
    .array(z.looseObject({ function: z.looseObject({ description: z.string().optional() }) }))
    .optional(),
  reasoning_effort: z.unknown().optional(),
});
const lastBody = (at: TestProxy) => bodies.parse(at.upstream.lastChat().body);
const answer = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string(),
});
const save = { name: "save", input_schema: { type: "object", properties: { n: { type: "integer" } } } };
const use = (id: string, n: number) => [
  { role: "assistant", content: [{ type: "tool_use", id, name: "save", input: { n } }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: `result ${n}` }] },
];

describe("compaction", () => {
  const summarize = { compaction: { type: "summarize", instructions: "Summarize in one word" } };

  for (const stream of [false, true])
    test(`summarize answers with a compaction block alone, stream: ${stream}`, async () => {
      const at = await start(inOrder(reasoning("hm"), text(" Kept. ")));
      const response = await at.post(ask({ ...summarize, tools: [save], stream }));
      const message = stream ? foldMessage(checkStream(await response.text())) : await response.json();
      expect(answer.parse(message)).toMatchObject({
        content: [{ type: "compaction", content: "Kept.", encrypted_content: null, tool_changes: [] }],
        stop_reason: "compaction",
      });
      expect(lastBody(at).messages.at(-1)).toMatchObject({
        role: "user",
        content: expect.stringContaining("Summarize in one word"),
      });
    });

  test("a summary that was cut is none", async () => {
    const at = await start(text("Half a", { finish: "length" }));
    expect(answer.parse(await (await at.post(ask(summarize))).json()).content).toMatchObject([
      { type: "compaction", content: null },
    ]);
  });

  test("a summary takes the place of everything before it, as words of the user", async () => {
    const at = await start(text("ok"));
    const messages = [
      { role: "user", content: "old" },
      {
        role: "assistant",
        content: [
          { type: "compaction", content: "SUM" },
          { type: "text", text: "so" },
        ],
      },
      { role: "user", content: "new" },
    ];
    expect(await at.say({ messages })).toBe("ok");
    expect(lastBody(at).messages).toMatchObject([
      { role: "user", content: expect.stringContaining("SUM") },
      { role: "assistant", content: "so" },
      { role: "user", content: "new" },
    ]);
  });

  const compact = (changes: object = {}) => ({
    context_management: {
      edits: [{ type: "compact_20260112", trigger: { type: "input_tokens", value: 50 }, ...changes }],
    },
    messages: [
      { role: "user", content: "old words ".repeat(60) },
      { role: "assistant", content: "yes" },
      { role: "user", content: "the question" },
    ],
  });

  test("compact_20260112 summarizes a long conversation and answers from the summary", async () => {
    let asked = 0;
    const at = await start(() => text(asked++ === 0 ? "SUM" : "the answer"));
    const message = answer.parse(await (await at.post(ask(compact()))).json());
    expect(message).toMatchObject({
      content: [
        { type: "compaction", content: "SUM" },
        { type: "text", text: "the answer" },
      ],
      stop_reason: "end_turn",
    });
    const sent = JSON.stringify(lastBody(at).messages);
    expect(sent).toContain("SUM");
    expect(sent).toContain("the question");
    expect(sent).not.toContain("old words");
  });

  test("compact_20260112 can pause, and leaves a short conversation alone", async () => {
    const at = await start(text("SUM"));
    const paused = await at.post(ask(compact({ pause_after_compaction: true })));
    expect(answer.parse(await paused.json())).toMatchObject({
      content: [{ type: "compaction" }],
      stop_reason: "compaction",
    });
    expect(await at.say(compact({ trigger: null }))).toBe("SUM");
  });

  test("a backend that fails fails the compaction", async () => {
    const at = await start(status(400, { error: { message: "broken" } }));
    expect((await at.post(ask(summarize))).status).toBe(400);
  });

  test("the official tool runner compacts and goes on", async () => {
    const at = await start(({ body }) => {
      const { messages } = bodies.parse(body);
      const said = JSON.stringify(messages.at(-1));
      if (said.includes("TIDY")) return text("The user saved 1.");
      return messages.some(({ role }) => role === "tool") || JSON.stringify(messages).includes("saved 1")
        ? text("Done")
        : toolCalls([{ id: "call_save_1", name: "save", arguments: { n: 1 } }]);
    });
    const client = new Anthropic({ apiKey: "k", baseURL: at.url, maxRetries: 0 });
    const runner = client.beta.messages.toolRunner({
      model: "claude-x",
      max_tokens: 100,
      messages: [{ role: "user", content: "Save 1" }],
      tools: [
        betaTool({
          name: "save",
          description: "Saves",
          inputSchema: { type: "object", properties: { n: { type: "integer" } } },
          run: () => "saved",
        }),
      ],
    });
    const kinds: string[] = [];
    for await (const message of runner) {
      kinds.push(message.content.map(({ type }) => type).join("+"));
      if (kinds.length === 1) runner.compactBeforeNextTurn({ type: "summarize", instructions: "TIDY" });
    }
    expect(kinds).toEqual(["tool_use", "compaction", "text"]);
    expect(JSON.stringify(lastBody(at).messages)).toContain("The user saved 1.");
  });
});

describe("context_management", () => {
  test("clear_tool_uses empties older results, says so, and changes the prefix only at the trigger", async () => {
    const at = await start(text("ok"));
    const edits = [
      {
        type: "clear_tool_uses_20250919",
        trigger: { type: "tool_uses", value: 3 },
        keep: { type: "tool_uses", value: 1 },
      },
    ];
    const cleared: string[][] = [];
    for (let calls = 1; calls <= 7; calls += 1) {
      const history = Array.from({ length: calls }, (_, i) => use(`toolu_0000${i}`, i)).flat();
      const response = await at.post(
        ask({
          context_management: { edits },
          tools: [save],
          messages: [{ role: "user", content: "go" }, ...history],
        }),
      );
      const { context_management } = z
        .looseObject({ context_management: z.unknown().optional() })
        .parse(await response.json());
      const results = lastBody(at).messages.filter(({ role }) => role === "tool");
      const gone = results.filter(({ content }) => String(content).includes("cleared")).length;
      cleared.push([String(gone)]);
      if (gone === 0) expect(context_management).toBeUndefined();
      else expect(context_management).toMatchObject({ applied_edits: [{ cleared_tool_uses: gone }] });
    }
    expect(cleared.flat()).toEqual(["0", "0", "0", "3", "3", "3", "6"]);
  });

  test("clear_thinking keeps the reasoning of the last turns", async () => {
    const at = await start(text("ok"));
    const turn = (n: number) => [
      { role: "user", content: `q${n}` },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: `why ${n}`, signature: "s" },
          { type: "text", text: `a${n}` },
        ],
      },
    ];
    const response = await at.post(
      ask({
        stream: true,
        context_management: { edits: [{ type: "clear_thinking_20251015" }] },
        messages: [...turn(1), ...turn(2), { role: "user", content: "q3" }],
      }),
    );
    expect(foldMessage(checkStream(await response.text()))).toMatchObject({
      context_management: { applied_edits: [{ type: "clear_thinking_20251015", cleared_thinking_turns: 1 }] },
    });
  });
});

describe("options", () => {
  test("a continued thread of another client is told that it is unknown", async () => {
    const at = await start(text("unused"));
    const response = await at.post(ask({ thread: { type: "continue", previous_message_id: "msg_1" } }));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { type: "not_found_error", details: { error_code: "thread_not_found" } },
    });
  });

  test("a web search that is only offered is left out where the backend cannot search", async () => {
    const at = await start(text("from memory"));
    expect(await at.say({ tools: [{ type: "web_search_20250305", name: "web_search" }] })).toBe(
      "from memory",
    );
    expect(at.log.join("\n")).toContain("left out tool web_search");
  });

  for (const stream of [false, true])
    test(`thinking: disabled shows no reasoning, stream: ${stream}`, async () => {
      const at = await start(inOrder(reasoning("secret"), text("answer")));
      const response = await at.post(ask({ stream, thinking: { type: "disabled" } }));
      const message = stream ? foldMessage(checkStream(await response.text())) : await response.json();
      expect(answer.parse(message).content).toMatchObject([{ type: "text", text: "answer" }]);
    });

  for (const stream of [false, true])
    test(`thinking: disabled takes an answer from where reasoning goes, stream: ${stream}`, async () => {
      const at = await start(reasoning("The answer."));
      const disabled = { stream, thinking: { type: "disabled" } };
      expect(await at.say(disabled)).toBe("The answer.");
      at.upstream.follow(reasoning("Not yet an", { finish: "length" }));
      expect(await at.say(disabled)).toBe("");
    });

  test("a system message for one turn is hidden once the user speaks again; one of options alone is legal", async () => {
    const at = await start(text("ok"));
    const hint = { role: "system", content: "HINT", clear_at: "next_user_message" };
    const asked = { role: "user", content: "one" };
    await at.say({ messages: [asked, hint, { role: "system", output_config: { effort: "low" } }] });
    expect(JSON.stringify(lastBody(at).messages)).toContain("HINT");
    await at.say({
      messages: [asked, hint, { role: "assistant", content: "a" }, { role: "user", content: "two" }],
    });
    expect(lastBody(at).messages.map(({ content }) => content)).toEqual(["one", "a", "two"]);
  });

  test("effort may be said for one turn", async () => {
    proxy = await startProxy(text("ok"), {
      config: { backend: { name: "openai" }, models: { big: "gpt-5.4" } },
    });
    const at = proxy;
    const effort = (level: string) => ({ role: "system", output_config: { effort: level } });
    const [one, a] = [
      { role: "user", content: "one" },
      { role: "assistant", content: "a" },
    ];
    const asked = async (...messages: object[]) => {
      await at.say({ messages, thinking: { type: "adaptive" }, output_config: { effort: "high" } });
      return lastBody(at).reasoning_effort;
    };
    expect(await asked(one)).toBe("high");
    expect(await asked(one, effort("low"))).toBe("low");
    // It lasts while tools are called, and ends when the user speaks.
    expect(await asked(one, effort("low"), ...use("toolu_00001", 1))).toBe("low");
    expect(await asked(one, effort("low"), a, { role: "user", content: "two" })).toBe("high");
  });

  test("a search among tools may be chosen", async () => {
    const at = await start(text("ok"));
    const finder = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" };
    const tools = [finder, save];
    expect(await at.say({ tools, tool_choice: { type: "tool", name: finder.name } })).toBe("ok");
  });

  test("examples reach the model, and what nothing can honor is named", async () => {
    const at = await start(text("ok"));
    await at.say({
      tools: [
        {
          ...save,
          description: "Saves",
          input_examples: [{ n: 7 }],
          allowed_callers: ["code_execution_20250825"],
        },
      ],
      mcp_servers: [{ type: "url", name: "m", url: "https://m.example.com" }],
      container: { skills: [{ type: "anthropic", skill_id: "pdf" }] },
      output_config: { task_budget: { type: "tokens", total: 5 } },
      context_management: { edits: [{ type: "fold_20270101" }] },
    });
    expect(lastBody(at).tools?.[0]?.function.description).toBe('Saves\n\nExamples of its input:\n- {"n":7}');
    const log = at.log.join("\n");
    for (const words of [
      "mcp_servers",
      "container.skills",
      "task_budget",
      "fold_20270101",
      "save to the model directly",
    ])
      expect(log).toContain(words);
  });
});

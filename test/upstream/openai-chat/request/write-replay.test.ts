/** A backend's reasoning comes back to it on the next turn, through the client alone. */
import { describe, expect, test } from "bun:test";
import type { Message } from "../../../../src/anthropic/wire-reply.ts";
import type { BackendName } from "../../../../src/catalog/backends/known-backends.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { createReader } from "../../../../src/upstream/openai-chat/reply/read-stream.ts";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import type { ChatRequest } from "../../../../src/upstream/openai-chat/wire.ts";
import { packCarrier } from "../../../../src/upstream/reasoning/pack-carrier.ts";
import { answerOf } from "../../../support/answers.ts";
import { assistant, messagesFor, text, user } from "../../../support/chat-requests.ts";
import { type PlanChanges, planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

type Backend = { readonly backend: BackendName; readonly model: string; readonly host?: string };
const openrouter: Backend = { backend: "openrouter", model: "anthropic/claude-opus-5" };
const gemini: Backend = { backend: "gemini", model: "gemini-3-pro" };
const tools = [{ name: "Read", input_schema: { type: "object" } }];

function planAt({ host, ...chosen }: Backend, request: object): Plan {
  const plan = planFor(ask({ tools, ...request }), chosen);
  return host === undefined ? plan : { ...plan, backend: { ...plan.backend, name: host } };
}

/** What a backend's deltas become at the client. */
function answer(
  backend: Backend,
  deltas: readonly object[],
  request: object = {},
  model = backend.model,
): Message {
  const plan = planAt(backend, request);
  const reader = createReader(plan, writeRequest(plan));
  const frames = [
    ...deltas.map((delta) => ({ model, choices: [{ index: 0, delta }] })),
    { model, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ];
  const facts = [
    ...frames.flatMap((frame) => reader.push({ event: "", data: JSON.stringify(frame) })),
    ...reader.end(),
  ];
  return answerOf(facts, plan.showReasoning);
}

/** The assistant message that is then sent to another backend, or to the same one after a restart. */
function replayed(
  backend: Backend,
  { content }: Pick<Message, "content"> | { content: object[] },
  request: object = {},
) {
  const results = content.flatMap((block) =>
    "id" in block ? [{ type: "tool_result", tool_use_id: block.id, content: "ok" }] : [],
  );
  const messages = [
    { role: "user", content: "Hello" },
    { role: "assistant", content },
    { role: "user", content: results.length > 0 ? results : "Go on" },
  ];
  const chat: ChatRequest = JSON.parse(String(writeRequest(planAt(backend, { messages, ...request })).body));
  return chat.messages[1];
}

const call = (more: object = {}) => ({
  tool_calls: [{ index: 0, id: "call_0123456789", function: { name: "Read", arguments: "{}" }, ...more }],
});
const detail = (more: object) => ({
  reasoning_details: [{ index: 0, format: "anthropic-claude-v1", ...more }],
});

describe("reasoning details, merged and unmodified", () => {
  const deltas = [
    { reasoning: "Need ", ...detail({ type: "reasoning.text", text: "Need " }) },
    { reasoning: "file.", ...detail({ type: "reasoning.text", text: "file." }) },
    detail({ type: "reasoning.text", signature: "SIG" }),
    { content: "Reading." },
    call(),
  ];
  const whole = {
    type: "reasoning.text",
    text: "Need file.",
    signature: "SIG",
    index: 0,
    format: "anthropic-claude-v1",
  };

  test("come back to the fallback model that answered, and to no other", () => {
    const fallbacks = [{ model: "claude/openai/gpt-5.4" }, { model: "claude/openai/gpt-5.4-mini" }];
    const message = answer(openrouter, deltas, { fallbacks }, "openai/gpt-5.4-mini-2026-08-01");
    const mini: Backend = { backend: "openrouter", model: "openai/gpt-5.4-mini" };
    expect(replayed(mini, message)).toMatchObject({ reasoning_details: [whole] });
    expect(replayed(openrouter, message)).not.toHaveProperty("reasoning_details");
  });

  test("come back to the same model", () => {
    const message = answer(openrouter, deltas);
    expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
    expect(message.content[0]).toMatchObject({ thinking: "Need file." });
    expect(replayed(openrouter, message)).toMatchObject({
      content: [{ type: "text", text: "Reading." }],
      reasoning_details: [whole],
    });
  });

  test("come back when their text was not displayed", () => {
    const hidden = { thinking: { type: "adaptive", display: "omitted" } };
    const message = answer(openrouter, deltas, hidden);
    expect(message.content[0]).toMatchObject({ thinking: "" });
    expect(replayed(openrouter, message)).toMatchObject({ reasoning_details: [whole] });
  });

  test("do not come back to another model, which may get their text", () => {
    const message = answer(openrouter, deltas);
    expect(replayed({ ...openrouter, model: "google/gemini-3" }, message)).toMatchObject({
      reasoning: "Need file.",
    });
    expect(replayed({ backend: "deepseek", model: "deepseek-v4" }, message)).toMatchObject({
      reasoning_content: "Need file.",
    });
    expect(JSON.stringify(replayed({ backend: "openai", model: "gpt-5.4" }, message))).not.toMatch(
      /reasoning|Need|SIG/,
    );
  });

  test("come back whole when their signature is late", () => {
    const late = [
      ...deltas.slice(0, 2),
      { content: "Reading." },
      detail({ type: "reasoning.text", signature: "SIG" }),
      call(),
    ];
    expect(replayed(openrouter, answer(openrouter, late))).toMatchObject({ reasoning_details: [whole] });
  });

  test("stay separate where each is signed, though both have index 0", () => {
    const again = [
      ...deltas.slice(0, 4),
      detail({ type: "reasoning.text", text: "And then?" }),
      detail({ type: "reasoning.text", signature: "SIG2" }),
      call(),
    ];
    const sent = { reasoning_details: [whole, { ...whole, text: "And then?", signature: "SIG2" }] };
    const message = answer(openrouter, again);
    expect(replayed(openrouter, message)).toMatchObject(sent);
    const twice = { content: [...message.content.slice(0, 3), ...message.content.slice(2)] };
    expect(replayed(openrouter, twice)).toMatchObject(sent);
  });

  test("without a required signature are left out", () => {
    const unsigned = answer(openrouter, deltas.toSpliced(2, 1));
    expect(replayed(openrouter, unsigned)).not.toHaveProperty("reasoning_details");
  });
});

describe("encrypted reasoning", () => {
  const sealed = {
    type: "reasoning.encrypted",
    id: "rs_1",
    data: "SEALED",
    format: "openai-responses-v1",
    index: 0,
  };
  const backend = { ...openrouter, model: "openai/gpt-5.4" };

  test("is a redacted block before what follows, and comes back unchanged", () => {
    const message = answer(backend, [{ reasoning_details: [sealed] }, { content: "Hi" }]);
    expect(message.content.map(({ type }) => type)).toEqual(["redacted_thinking", "text"]);
    expect(replayed(backend, message)).toMatchObject({ reasoning_details: [sealed] });
  });

  test("comes back even when it arrives after the calls", () => {
    const message = answer(backend, [call(), { reasoning_details: [sealed] }]);
    expect(message.content.map(({ type }) => type)).toEqual(["tool_use", "redacted_thinking"]);
    expect(replayed(backend, message)).toMatchObject({ reasoning_details: [sealed] });
  });

  test("does not split a text", () => {
    const message = answer(backend, [
      { content: "a" },
      { content: "b", reasoning_details: [sealed] },
      { content: "c" },
    ]);
    expect(message.content).toMatchObject([{ type: "text", text: "abc" }, { type: "redacted_thinking" }]);
  });
});

describe("encrypted reasoning that names its call", () => {
  const backend = { ...openrouter, model: "google/gemini-3-pro" };
  const callOf = (index: number, id: string) => ({
    tool_calls: [{ index, id, function: { name: "Read", arguments: "{}" } }],
  });
  const seal = (id: string) =>
    detail({ type: "reasoning.encrypted", id, data: `SEAL OF ${id}`, format: "google-gemini-v1" });
  const named = (id: string, data = `SEAL OF ${id}`) => ({ id, data });

  test("stays separate from that of another call, though both have index 0", () => {
    const [a, b] = ["tool_Read_aaaaaaaa", "tool_Read_bbbbbbbb"];
    const message = answer(backend, [seal(a), callOf(0, a), seal(b), callOf(1, b)]);
    expect(replayed(backend, message)).toMatchObject({ reasoning_details: [named(a), named(b)] });
  });

  test.each(["f.1", "functions.Bash:0", `tool_mcp__${"x".repeat(60)}_aaaa`])(
    "keeps the id that the backend gave the call: %s",
    (id) => {
      const sent = replayed(backend, answer(backend, [seal(id), callOf(0, id)]));
      expect(sent).toMatchObject({ tool_calls: [{ id }], reasoning_details: [named(id)] });
    },
  );

  for (const id of [
    "tool_mcp__github__list_pull_requests_aaaaaaaaaaaa",
    `tool_mcp__${"y".repeat(44)}_aaaa`,
  ]) {
    test(`follows the call's id when that changes: ${id}`, () => {
      const sent = replayed(backend, answer(backend, [seal(id), callOf(0, id)]));
      const upstreamId = sent?.role === "assistant" ? (sent.tool_calls?.[0]?.id ?? "") : "";
      expect(upstreamId).not.toBe(id);
      expect(sent).toMatchObject({ reasoning_details: [named(upstreamId, `SEAL OF ${id}`)] });
    });
  }
});

test("reasoning without details comes back as text, displayed or not", () => {
  for (const display of ["summarized", "omitted"]) {
    const message = answer(openrouter, [{ reasoning: "Hm" }, call()], {
      thinking: { type: "adaptive", display },
    });
    expect(replayed(openrouter, message)).toMatchObject({ reasoning: "Hm" });
  }
});

describe("the signature of a call", () => {
  const signed = call({ extra_content: { google: { thought_signature: "SIG" } } });

  test("comes back on the same call", () => {
    const message = answer(gemini, [
      signed,
      { tool_calls: [{ index: 1, id: "call_second_one", function: { name: "Read", arguments: "{}" } }] },
    ]);
    expect(message.content.map(({ type }) => type)).toEqual(["redacted_thinking", "tool_use", "tool_use"]);
    const sent = replayed(gemini, message);
    expect(sent).toMatchObject({
      tool_calls: [{ extra_content: { google: { thought_signature: "SIG" } } }, {}],
    });
    expect(JSON.stringify(sent).match(/thought_signature/g)).toHaveLength(1);
  });

  test("comes back from the client of an older proxy, whose carriers do not name the host", () => {
    const data = packCarrier({
      form: "thought-signature",
      origin: gemini.model,
      items: [{ signature: "SIG" }],
    });
    const use = { type: "tool_use", id: "t1", name: "Read", input: {} };
    expect(replayed(gemini, { content: [{ type: "redacted_thinking", data }, use] })).toMatchObject({
      tool_calls: [{ extra_content: { google: { thought_signature: "SIG" } } }],
    });
  });

  test("does not go to a model of the same name at another host", () => {
    const message = answer(gemini, [signed]);
    const sent = JSON.stringify(replayed({ ...gemini, host: "other.example" }, message));
    expect(sent).toContain("skip_thought_signature_validator");
    expect(sent).not.toContain("SIG");
  });

  test("signs the thinking before it", () => {
    const message = answer(gemini, [{ content: "<thought>Hm" }, { content: "</thought>" }, signed]);
    expect(message.content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
    expect(replayed(gemini, message)).toMatchObject({
      tool_calls: [{ extra_content: { google: { thought_signature: "SIG" } } }],
    });
  });

  test("is replaced by Google's placeholder, on the first call only", () => {
    const foreign = {
      content: [
        { type: "tool_use", id: "t1", name: "Read", input: {} },
        { type: "tool_use", id: "t2", name: "Read", input: {} },
      ],
    };
    const sent = replayed(gemini, foreign);
    expect(sent).toMatchObject({
      tool_calls: [
        { extra_content: { google: { thought_signature: "skip_thought_signature_validator" } } },
        {},
      ],
    });
    expect(JSON.stringify(sent).match(/thought_signature"/g)).toHaveLength(1);
  });
});

describe("reasoning text goes back under the backend's own name", () => {
  const rows: [BackendName, object][] = [
    ["vllm", { reasoning: "Hm", content: "Hi" }],
    ["groq", { reasoning: "Hm", content: "Hi" }],
    ["ollama", { reasoning: "Hm", content: "Hi" }],
    ["llamacpp", { reasoning_content: "Hm", content: "Hi" }],
    ["deepseek", { reasoning_content: "Hm", content: "Hi" }],
    ["moonshot", { reasoning_content: "Hm", content: "Hi" }],
    ["zai", { reasoning_content: "Hm", content: "Hi" }],
    [
      "mistral",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Hm" }], closed: true },
          { type: "text", text: "Hi" },
        ],
      },
    ],
  ];
  for (const [name, sent] of rows) {
    test(name, () => {
      const backend = { backend: name, model: "m" };
      const deltas = [{ reasoning_content: "Hm" }, { content: "Hi" }];
      expect(replayed(backend, answer(backend, deltas))).toEqual({ role: "assistant", ...sent } as ReturnType<
        typeof replayed
      >);
      // The same if the client was not shown the text.
      const hidden = answer(backend, deltas, { thinking: { type: "adaptive", display: "omitted" } });
      expect(JSON.stringify(hidden.content)).not.toContain("Hm");
      expect(replayed(backend, hidden)).toEqual({ role: "assistant", ...sent } as ReturnType<
        typeof replayed
      >);
    });
  }
});

describe("where the reasoning field is required", () => {
  const textTurn = { content: [{ type: "text", text: "Hi" }] };
  const toolTurn = { content: [{ type: "tool_use", id: "t1", name: "Read", input: {} }] };
  const deepseek: Backend = { backend: "deepseek", model: "deepseek-v4" };
  const moonshot: Backend = { backend: "moonshot", model: "kimi-k2.6" };

  test("unknown reasoning becomes an empty text", () => {
    expect(replayed(deepseek, textTurn)).toMatchObject({ reasoning_content: "" });
    expect(replayed(deepseek, toolTurn)).toMatchObject({ reasoning_content: "" });
    expect(replayed(moonshot, toolTurn)).toMatchObject({ reasoning_content: "" });
    expect(replayed(moonshot, textTurn)).not.toHaveProperty("reasoning_content");
  });

  test("it is left out when reasoning is disabled", () => {
    expect(replayed(deepseek, textTurn, { thinking: { type: "disabled" } })).not.toHaveProperty(
      "reasoning_content",
    );
  });
});

describe("signatures of others", () => {
  const strangers = ["EqQBCkYIARgCKkC", "", "ccp1.", "ccp1.AAAAAAAAAAAA", "ccp9.xyz"];
  for (const signature of strangers) {
    test(`${JSON.stringify(signature)} is ignored, and the text is sent`, () => {
      const content = [
        { type: "thinking", thinking: "Hm", signature },
        { type: "redacted_thinking", data: signature },
        { type: "text", text: "Hi" },
      ];
      expect(replayed({ backend: "deepseek", model: "m" }, { content })).toMatchObject({
        reasoning_content: "Hm",
        content: "Hi",
      });
      expect(replayed(openrouter, { content })).toMatchObject({ reasoning: "Hm" });
      expect(JSON.stringify(replayed(openrouter, { content }))).not.toContain("EqQB");
    });
  }
});

test("reasoning of another origin goes back as text, or not at all, and never with its signature", () => {
  const history = [
    user("a"),
    assistant({ type: "thinking", thinking: "hm", signature: "SIG" }, text("b")),
    user("c"),
  ];
  const names = (backend: PlanChanges["backend"]) => messagesFor(history, { backend })[1];
  expect(names("vllm")).toEqual({ role: "assistant", content: "b", reasoning: "hm" });
  expect(names("llamacpp")).toEqual({ role: "assistant", content: "b", reasoning_content: "hm" });
  expect(names("openai")).toEqual({ role: "assistant", content: "b" });
  expect(JSON.stringify(messagesFor(history))).not.toContain("SIG");
  expect(
    messagesFor([user("a"), assistant({ type: "thinking", thinking: "hm", signature: "" }), user("c")], {
      backend: "openai",
    }),
  ).toEqual([{ role: "user", content: "a\n\nc" }]);
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { packItems } from "../../../../src/upstream/openai-responses/carry-items.ts";
import {
  assistant,
  call,
  image,
  marked,
  png,
  reminder,
  result,
  system,
  text,
  user,
} from "../../../support/chat-requests.ts";
import { generatedConversation } from "../../../support/conversations.ts";
import type { PlanChanges } from "../../../support/plans.ts";
import {
  inputFor,
  responsesFor,
  responsesPlan,
  writtenResponses,
} from "../../../support/responses-requests.ts";
import { seal } from "../../../support/responses-rules.ts";

const plan = responsesPlan({});
/** A thinking block with a reasoning item of the model. */
function thought(id: string, phase?: string) {
  const item = { type: "reasoning", id, summary: [], encrypted_content: seal(id, plan.model) };
  return { type: "redacted_thinking", data: packItems([item], { phase }, plan) ?? "" };
}
const typesOf = (items: readonly { readonly type: string }[]) => items.map(({ type }) => type);

describe("a turn of the assistant", () => {
  test("keeps the order of reasoning, texts and calls", () => {
    const turn = assistant(
      thought("rs_1", "commentary"),
      text("I look"),
      thought("rs_2"),
      call("call_1"),
      call("call_2"),
    );
    expect(inputFor([user("Go"), turn, user(result("call_2", "2"), result("call_1", "1"))])).toMatchObject([
      { role: "user", content: "Go" },
      { type: "reasoning", id: "rs_1" },
      { role: "assistant", content: "I look", phase: "commentary" },
      { type: "reasoning", id: "rs_2" },
      { type: "function_call", call_id: "call_1", name: "Read", arguments: "{}" },
      { type: "function_call", call_id: "call_2" },
      { type: "function_call_output", call_id: "call_1", output: "1" },
      { type: "function_call_output", call_id: "call_2", output: "2" },
    ]);
  });

  test("has the text that was said after a call before it, so that its output follows", () => {
    const turn = assistant(thought("rs_1"), call("call_1"), text("Wait"), thought("rs_2"), call("call_2"));
    const items = inputFor([user("Go"), turn, user(result("call_1", "1"), result("call_2", "2"))]);
    expect(items.slice(1)).toMatchObject([
      { type: "reasoning", id: "rs_1" },
      { role: "assistant", content: "Wait" },
      { type: "function_call", call_id: "call_1" },
      { type: "reasoning", id: "rs_2" },
      { type: "function_call", call_id: "call_2" },
      { type: "function_call_output", call_id: "call_1" },
      { type: "function_call_output", call_id: "call_2" },
    ]);
  });

  test("that was cut off in its reasoning has none", () => {
    const cut = assistant(text("Half"), thought("rs_1"));
    expect(typesOf(inputFor([user("Go"), cut, user("And?")]))).toEqual(["message", "message", "message"]);
  });

  test("has reasoning that came late before everything else", () => {
    const item = { type: "reasoning", id: "rs_9", summary: [], encrypted_content: seal("rs_9", plan.model) };
    const late = { type: "redacted_thinking", data: packItems([item], { isLate: true }, plan) ?? "" };
    const items = inputFor([user("Go"), assistant(call("call_1"), late), user(result("call_1", "1"))]);
    expect(typesOf(items)).toEqual(["message", "reasoning", "function_call", "function_call_output"]);
  });

  test("is several messages where the phase changes", () => {
    const turn = assistant(
      thought("rs_1", "commentary"),
      text("a"),
      thought("rs_2", "final_answer"),
      text("b"),
      text("c"),
    );
    expect(inputFor([user("Go"), turn, user("And?")]).filter(({ type }) => type === "message")).toMatchObject(
      [{}, { content: "a", phase: "commentary" }, { content: "bc", phase: "final_answer" }, {}],
    );
  });

  test("without reasoning of this model is what it said", () => {
    const turn = assistant({ type: "thinking", thinking: "Hm", signature: "ErUB" }, text("Yes"));
    expect(inputFor([user("Go"), turn, user("And?")])[1]).toEqual({
      type: "message",
      role: "assistant",
      content: "Yes",
    });
  });

  test("at the end begins the answer", () => {
    const { prefill, body } = writtenResponses({ messages: [user("Go"), assistant("So: ")] });
    expect(prefill).toBe("So:");
    expect(JSON.parse(String(body)).input.at(-1)).toMatchObject({ role: "assistant", content: "So:" });
  });
});

describe("a result", () => {
  test("holds its pictures and files", () => {
    const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "QUJD" } };
    const items = inputFor([
      user("Go"),
      assistant(call("call_1")),
      user(result("call_1", [text("See"), image, pdf])),
    ]);
    expect(items.at(-1)).toMatchObject({
      type: "function_call_output",
      output: [
        { type: "input_text", text: "See" },
        { type: "input_image", image_url: `data:image/png;base64,${png.data}` },
        { type: "input_file", filename: "document.pdf" },
      ],
    });
  });

  test("that is missing says so, and one without a call is told to the model", () => {
    const items = inputFor([user("Go"), assistant(call("call_1")), user(result("lost", "1"))]);
    expect(items.slice(2)).toMatchObject([
      { type: "function_call_output", output: "[The call was interrupted and has no result]" },
      { role: "user", content: "[Result of tool call lost]\n\n1" },
    ]);
  });
});

describe("a system message in mid-conversation", () => {
  const messages = [user("Go"), assistant(call("call_1")), user(result("call_1", "1")), system("Be quick")];
  test("has a role of its own where there is one", () => {
    expect(inputFor(messages).at(-1)).toEqual({ type: "message", role: "developer", content: "Be quick" });
  });

  test("joins the last result elsewhere", () => {
    const generic: PlanChanges = { backend: "generic", model: "gpt-5" };
    expect(inputFor(messages, generic).at(-1)).toMatchObject({ output: `1\n\n${reminder("Be quick")}` });
  });
});

test("an instruction that no field can hold comes last", () => {
  const tools = [{ name: "Read", input_schema: { type: "object" } }];
  const ollama: PlanChanges = { backend: "ollama", model: "gpt-5" };
  const { input } = responsesFor({ tools, tool_choice: { type: "any" } }, ollama);
  expect(input.at(-1)).toMatchObject({ content: `Hello\n\n${reminder("Call one of the tools now")}` });
});

test("at most four texts are marked, the last ones, in a model's own way", () => {
  const messages = Array.from({ length: 6 }, (_, at) => user(text(`${at}`, marked))).flatMap((one) => [
    one,
    assistant("Ok"),
  ]);
  const marks = (model: string) =>
    JSON.stringify(inputFor([...messages, user("End")], { model })).match(/"\d","prompt_cache_breakpoint"/g);
  expect<unknown>(marks("gpt-5.6-sol")).toEqual(
    [2, 3, 4, 5].map((at) => `"${at}","prompt_cache_breakpoint"`),
  );
  expect(marks("gpt-5.4")).toBeNull();
});

describe.each<PlanChanges>([
  { model: "gpt-5.4" },
  { model: "gpt-5.6-sol" },
  { backend: "generic", model: "gpt-5" },
])("every conversation, for %j", (changes) => {
  const think = (turn: number) =>
    turn % 2 === 0
      ? [thought(`rs_${turn}`, "commentary")]
      : [{ type: "thinking", thinking: "Hm", signature: "x" }];
  const conversation = generatedConversation(changes.model === "gpt-5.4" ? think : undefined);

  test("is valid, and arrives complete, each word once", () => {
    fc.assert(
      fc.property(conversation, ({ messages, words }) => {
        const sent = JSON.stringify(inputFor(messages, changes)).match(/word\d+;/g) ?? [];
        expect(new Set(sent).size).toBe(words);
        expect(sent).toHaveLength(words);
      }),
    );
  });

  test("starts with the items that were sent before each answer", () => {
    const items = (messages: readonly object[]) =>
      inputFor(messages, changes).map((item) =>
        JSON.parse(
          JSON.stringify(item, (key, value: unknown) =>
            key === "prompt_cache_breakpoint" ? undefined : value,
          ),
        ),
      );
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const whole = items(messages);
        for (const [at, { role }] of messages.entries()) {
          if (role !== "assistant") continue;
          const before = items(messages.slice(0, at));
          expect(whole.slice(0, before.length)).toEqual(before);
        }
      }),
    );
  });
});

import { describe, expect, test } from "bun:test";
import type { BackendName } from "../../../../src/catalog/backends/known-backends.ts";
import {
  assistant,
  call,
  reminder,
  result,
  text,
  tool,
  user,
  writeRow,
  writtenFor,
} from "../../../support/chat-requests.ts";

test("an instruction joins the last user message or tool result, and a prefill stays last", () => {
  const tools = [tool("A")];
  const messages = [user("a"), assistant(call("t1", "A")), user(result("t1", "x"))];
  const tool_choice = { type: "any" };
  expect(writeRow({ tools, tool_choice, messages }, ["zai"]).messages.at(-1)).toMatchObject({
    role: "tool",
    content: `x\n\n${reminder("Call one of the tools now")}`,
  });
  expect(writeRow({ tools, tool_choice }, ["zai"]).messages.at(-1)).toEqual({
    role: "user",
    content: `Hello\n\n${reminder("Call one of the tools now")}`,
  });
  const begun = writeRow({ tools, tool_choice, messages: [user("a"), assistant("Sure")] }, ["zai"]);
  expect(begun.messages.at(-1)).toMatchObject({ role: "assistant", content: "Sure" });
});

describe("a prefill", () => {
  const messages = [user("a"), assistant("Sure")];
  test.each<[BackendName, object]>([
    ["mistral", { messages: [{}, { role: "assistant", content: "Sure", prefix: true }] }],
    ["moonshot", { messages: [{}, { role: "assistant", content: "Sure", partial: true }] }],
    ["vllm", { continue_final_message: true, add_generation_prompt: false }],
  ])("%s", (backend, expected) => {
    expect(writeRow({ messages }, [backend])).toMatchObject(expected);
    const chat = JSON.stringify(writeRow({}, [backend]));
    expect(chat).not.toMatch(/prefix|partial|continue_final_message/);
  });

  test("loses its trailing white space, and the reader learns of it", () => {
    const written = writtenFor({ messages: [user("a"), assistant(text("Sure: "))] });
    expect(JSON.parse(String(written.body)).messages.at(-1)).toEqual({ role: "assistant", content: "Sure:" });
    expect(written.prefill).toBe("Sure:");
  });

  test("is an ordinary message elsewhere", () => {
    for (const backend of ["openrouter", "llamacpp", "generic"] as const)
      expect(writeRow({ messages }, [backend]).messages.at(-1)).toEqual({
        role: "assistant",
        content: "Sure",
      });
  });
});

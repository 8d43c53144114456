import { describe, expect, test } from "bun:test";
import { writeMarks } from "../../../../src/upstream/openai-chat/request/write-marks.ts";
import type { ChatMessage, ChatTool } from "../../../../src/upstream/openai-chat/wire.ts";

const mark = { type: "ephemeral" } as const;
const said = (text: string, more: object = {}): ChatMessage => ({
  role: "user",
  content: [{ type: "text", text, ...more }],
});
const tool: ChatTool = {
  type: "function",
  function: { name: "A", parameters: {} },
  cache_control: mark,
};
const caching = { marks: true, automatic: false, breakpoints: false, keyField: "none" } as const;

const messages = ["a", "b", "c", "d"].map((word) => said(word, { cache_control: mark }));

test("the last four marks are kept, and nothing given is changed", () => {
  const written = writeMarks({ messages, tools: [tool] }, undefined, caching);
  expect(written).toEqual({ messages, tools: [{ type: "function", function: tool.function }] });
  expect(tool.cache_control).toEqual(mark);
  expect(writeMarks({ messages: [...messages, said("e", { cache_control: mark })] }, null, caching)).toEqual({
    messages: [said("a"), ...messages.slice(1), said("e", { cache_control: mark })],
  });
  expect(messages[0]).toEqual(said("a", { cache_control: mark }));
});

test("a message whose marks stay is the same one", () => {
  const all = [...messages, said("e", { cache_control: mark })];
  const written = writeMarks({ messages: all }, undefined, caching).messages;
  expect(written.map((message, at) => message === all[at])).toEqual([false, true, true, true, true]);
});

describe("a mark on the whole request", () => {
  const plain: ChatMessage = { role: "assistant", content: "plain" };

  test("is put on the last text, unless that has one", () => {
    const whole = { ...mark, ttl: "1h" } as const;
    expect(writeMarks({ messages: [said("a"), said("b"), plain] }, whole, caching).messages).toEqual([
      said("a"),
      said("b", { cache_control: whole }),
      plain,
    ]);
    expect(writeMarks({ messages }, whole, caching).messages).toEqual(messages);
    expect(writeMarks({ messages: [plain] }, whole, caching)).toEqual({ messages: [plain] });
  });

  test("takes the place of one mark if the backend has it, too", () => {
    expect(writeMarks({ messages }, mark, { ...caching, automatic: true })).toEqual({
      messages: [said("a"), ...messages.slice(1)],
      cache_control: mark,
    });
  });
});

test("breakpoints take the place of marks, on texts only", () => {
  const thinking: ChatMessage = {
    role: "assistant",
    content: [
      { type: "thinking", thinking: [{ type: "text", text: "t" }], closed: true },
      { type: "text", text: "x", cache_control: mark },
    ],
  };
  const written = writeMarks({ messages: [...messages, thinking], tools: [tool] }, undefined, {
    ...caching,
    breakpoints: true,
  });
  const breakpoint = { prompt_cache_breakpoint: { mode: "explicit" } };
  expect(written).toEqual({
    messages: [
      said("a"),
      ...["b", "c", "d"].map((word) => said(word, breakpoint)),
      { role: "assistant", content: [thinking.content?.[0], { type: "text", text: "x", ...breakpoint }] },
    ] as ChatMessage[],
    tools: [{ type: "function", function: tool.function }],
  });
});

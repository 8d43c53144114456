/** A model that answers by the conversation in a request, so that a repeated request gets its proper answer. */
import { z } from "zod";
import { type FakeReply, text, type UpstreamRequest } from "../../test/support/fake-upstream.ts";

/** What is read of a request. */
export type Question = {
  readonly model: string;
  readonly tools: readonly string[];
  /** The function that has to be called. */
  readonly forced: string | undefined;
  readonly wantsJson: boolean;
  readonly calls: readonly { readonly id: string; readonly arguments: string }[];
  readonly results: readonly { readonly id: string; readonly content: string }[];
};

const call = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });
const chat = z.object({
  model: z.string(),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.unknown(),
      tool_calls: z.array(call).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  tool_choice: z
    .union([z.string().transform(() => undefined), z.object({ function: z.object({ name: z.string() }) })])
    .optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
});

export type ScriptedModel = {
  /** In order, without what the client asks for itself. */
  readonly asked: readonly Question[];
  answer(request: UpstreamRequest): FakeReply;
};

/**
 * @param prompt only requests that contain it are the scenario's, and offer tools if the others do: clients also ask
 * for titles
 */
export function createScriptedModel(
  prompt: string,
  reply: (question: Question, turn: number, attempt: number) => FakeReply,
): ScriptedModel {
  const asked: Question[] = [];
  const attempts: number[] = [];
  return {
    asked,
    answer({ body }) {
      const { model, messages, tools, tool_choice, response_format } = chat.parse(body);
      const start = messages.findLastIndex(
        ({ role, content }) => role === "user" && JSON.stringify(content).includes(prompt),
      );
      const asksForTitle = JSON.stringify(messages[0]?.content ?? "").includes("title generator");
      if (start === -1 || asksForTitle) return text("A title");
      const turns = messages.slice(start).filter((message) => message.tool_calls);
      const question: Question = {
        model,
        tools: tools.map((tool) => tool.function.name),
        forced: tool_choice?.function.name,
        wantsJson: response_format !== undefined && response_format.type !== "text",
        calls: turns.flatMap(({ tool_calls = [] }) =>
          tool_calls.map((made) => ({ id: made.id, arguments: made.function.arguments })),
        ),
        results: messages.flatMap(({ role, tool_call_id: id = "", content }) =>
          role === "tool"
            ? [{ id, content: typeof content === "string" ? content : JSON.stringify(content) }]
            : [],
        ),
      };
      asked.push(question);
      const attempt = (attempts[turns.length] ?? 0) + 1;
      attempts[turns.length] = attempt;
      return reply(question, turns.length, attempt);
    },
  };
}

/** A body of `/responses`, as the body of chat completions that says the same: scenarios look at one form. */
import { z } from "zod";

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.string().optional(),
});
const content = z.union([z.string(), z.array(part)]).optional();
const item = z.looseObject({
  type: z.string(),
  role: z.string().optional(),
  content,
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
  output: content,
});
const request = z.looseObject({
  input: z.array(item),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
});

type Message = { role: string; content?: unknown; tool_calls?: object[]; tool_call_id?: string | undefined };

export function readAsChat(body: unknown): unknown {
  const { input, tools, ...rest } = request.parse(body);
  return {
    ...rest,
    messages: readMessages(input),
    tools: tools?.map((tool) => (tool.type === "function" ? { type: tool.type, function: tool } : tool)),
  };
}

/** Calls with nothing between them are those of one message. */
function readMessages(input: readonly z.output<typeof item>[]): Message[] {
  const messages: Message[] = [];
  for (const one of input) {
    const last = messages.at(-1);
    if (one.type === "message") messages.push({ role: one.role ?? "", content: readContent(one.content) });
    else if (one.type === "function_call_output")
      messages.push({ role: "tool", tool_call_id: one.call_id, content: readContent(one.output) });
    else if (one.type === "function_call") {
      const call = { id: one.call_id, function: { name: one.name, arguments: one.arguments } };
      if (last?.role === "assistant" && last.tool_calls) last.tool_calls.push(call);
      else messages.push({ role: "assistant", tool_calls: [call] });
    }
  }
  return messages;
}

function readContent(given: z.output<typeof content>): unknown {
  if (!Array.isArray(given)) return given;
  return given.map(({ image_url, ...one }) => ({
    ...one,
    ...(image_url !== undefined && { image_url: { url: image_url } }),
  }));
}

/** The few fields that the demo backend reads of an OpenAI request, parsed leniently. */
import { z } from "zod";

const part = z.looseObject({ text: z.string().optional() });
const content = z.union([z.string(), z.array(part)]).nullish();

export type JsonSchema = { readonly [keyword: string]: unknown };
const jsonSchema = z.record(z.string(), z.unknown());

const call = z.looseObject({
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string() }),
});
const message = z.looseObject({ role: z.string(), content, tool_calls: z.array(call).nullish() });

const tool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), parameters: jsonSchema.nullish() }),
});

export const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: z
    .union([z.string(), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z.looseObject({ schema: jsonSchema.nullish() }).nullish(),
    })
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
export type DemoRequest = z.output<typeof chatRequest>;
export type DemoMessage = DemoRequest["messages"][number];
export type DemoTool = NonNullable<DemoRequest["tools"]>[number];

/** The text of a message; images and files are ignored. */
export function textOf(message: DemoMessage): string {
  if (typeof message.content === "string") return message.content;
  return (message.content ?? []).map((part) => part.text ?? "").join(" ");
}

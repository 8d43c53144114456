/** Backends that count prompts by rules of their own, and conversations for them to count. */
import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as countO200k } from "gpt-tokenizer/encoding/o200k_base";
import { z } from "zod";

/** How a backend counts, unlike us. */
export type CountingRule = {
  readonly name: string;
  readonly text: (text: string) => number;
  readonly tools: (json: string) => number;
  readonly perMessage: number;
  readonly perRequest: number;
  readonly perPicture: number;
};

export const countingRules: readonly CountingRule[] = [
  {
    name: "another vocabulary, its own template, rewritten tools",
    text: countCl100k,
    tools: (json) => countCl100k(json) * 0.75,
    perMessage: 7,
    perRequest: 60,
    perPicture: 765,
  },
  {
    name: "a vocabulary of much smaller tokens, its own text about tools",
    text: (text) => countO200k(text) * 1.38,
    tools: (json) => countO200k(json) * 1.3 + 350,
    perMessage: 3,
    perRequest: 10,
    perPicture: 2500,
  },
  {
    name: "expensive line ends, a long template",
    text: (text) => countCl100k(text) + 0.7 * (text.split("\n").length - 1),
    tools: (json) => countCl100k(json) * 1.1,
    perMessage: 15,
    perRequest: 0,
    perPicture: 300,
  },
];

const chatBody = z.object({
  messages: z.array(
    z.looseObject({
      content: z
        .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
        .nullish(),
      tool_calls: z
        .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
  tools: z.array(z.unknown()).optional(),
});

/** `prompt_tokens` of a chat body, by the rule. */
export function countPrompt(body: unknown, rule: CountingRule): number {
  const { messages, tools } = chatBody.parse(body);
  let tokens = rule.perRequest + (tools ? rule.tools(JSON.stringify(tools)) : 0);
  for (const { content, tool_calls = [] } of messages) {
    tokens += rule.perMessage;
    const parts = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
    for (const part of parts) tokens += part.text === undefined ? rule.perPicture : rule.text(part.text);
    for (const call of tool_calls) tokens += rule.text(call.function.name + call.function.arguments);
  }
  return Math.round(tokens);
}

/** Texts that do not change: from dependencies, whose versions are pinned. */
const read = (path: string) => Bun.file(`${import.meta.dir}/../../node_modules/${path}`).text();
const code = await read("zod/src/v4/core/to-json-schema.ts");
const prose = await read("fast-check/README.md");

/** What a tool might find: code, prose, data, and other languages. */
const findings = [
  code.slice(0, 9000),
  `${"这个函数在输入为空时返回错误的结果，请修改并补充测试用例。".repeat(20)}\n${code.slice(9000, 12_000)}`,
  JSON.stringify(
    Array.from({ length: 80 }, (_, i) => ({ id: i, name: `item-${i}`, price: i * 3.7, tags: ["a", "b"] })),
  ),
  prose.slice(20_000, 30_000),
];

const tools = Array.from({ length: 20 }, (_, i) => ({
  name: `Tool${i}`,
  description: `Does one thing of the kind ${i}. `.repeat(25 + i),
  input_schema: {
    type: "object",
    properties: {
      file_path: { type: "string", description: "The absolute path of the file" },
      limit: { type: "integer", minimum: 1, maximum: 2000 + i },
      pattern: { type: "string", description: `A pattern of the kind ${i}` },
    },
    required: ["file_path"],
    additionalProperties: false,
  },
}));

const system = prose.slice(0, 14_000);

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The requests of five turns, each beginning with the previous one, as a coding client sends them. */
export function createConversation(model: string, { hasPicture = false } = {}): object[] {
  const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } };
  const words = { type: "text", text: "Please find out why the numbers are wrong, and mend it." };
  const messages: object[] = [{ role: "user", content: hasPicture ? [picture, words] : [words] }];
  const requests = [{ model, max_tokens: 1000, system, tools, messages: [...messages] }];
  for (const [i, found] of findings.entries()) {
    const id = `toolu_${i}`;
    messages.push(
      {
        role: "assistant",
        content: [
          { type: "text", text: "I look at the next file." },
          { type: "tool_use", id, name: "Tool3", input: { file_path: `/home/user/project/file-${i}.ts` } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: found }] },
    );
    requests.push({ model, max_tokens: 1000, system, tools, messages: [...messages] });
  }
  return requests;
}

/**
 * What Anthropic refuses, and a little more: a missing version, unknown fields and betas, thinking that it has not
 * signed, ids that do not fit, results without their call, search results that it has not sealed. Sources: its API
 * reference, and the 400s that it gives.
 */
import { z } from "zod";

export type Refusal = {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly details?: object;
};

/** What the fake server signs thinking with, and seals pages with. */
export const signed = (text: string): string => `Ek${Buffer.from(`signed:${text}`).toString("base64")}`;

const block = z.looseObject({ type: z.string() });
const content = z.union([z.string().min(1), z.array(block).min(1)]);
const body = z.strictObject({
  model: z.string().regex(/^claude-[\w.-]+$/),
  max_tokens: z.int().min(1),
  messages: z.array(z.looseObject({ role: z.enum(["user", "assistant", "system"]), content })).min(1),
  system: z.union([z.string(), z.array(block)]).optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  tool_choice: z.looseObject({ type: z.string() }).optional(),
  thinking: z
    .union([
      z.looseObject({ type: z.literal("enabled"), budget_tokens: z.int().min(1024) }),
      z.looseObject({ type: z.literal(["adaptive", "disabled"]) }),
    ])
    .optional(),
  output_config: z.looseObject({}).optional(),
  context_management: z.looseObject({ edits: z.array(block) }).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  stop_sequences: z.array(z.string()).optional(),
  service_tier: z.string().optional(),
  cache_control: block.optional(),
  thread: block.optional(),
  diagnostics: z.unknown().optional(),
});
type Body = z.output<typeof body>;

export function findAnthropicViolation(given: unknown, headers: Headers): Refusal | undefined {
  const invalid = (message: string): Refusal => ({ status: 400, type: "invalid_request_error", message });
  if (!/^20\d\d-\d\d-\d\d$/.test(headers.get("anthropic-version") ?? ""))
    return invalid("anthropic-version: header is required");
  const betas = (headers.get("anthropic-beta") ?? "").split(",").filter(Boolean);
  const strange = betas.find((beta) => !/^[a-z\d-]+-\d{4}-?\d{2}-?\d{2}$/.test(beta.trim()));
  if (strange !== undefined)
    return invalid(`Unexpected value(s) \`${strange}\` for the \`anthropic-beta\` header`);
  const { data, error } = body.safeParse(given);
  const [issue] = error?.issues ?? [];
  if (issue?.code === "unrecognized_keys") return invalid(`${issue.keys[0]}: Extra inputs are not permitted`);
  if (issue) return invalid(`${issue.path.join(".")}: ${issue.message}`);
  if (!data) return undefined;
  if (data.context_management && !betas.some((beta) => beta.startsWith("context-management-")))
    return invalid("context_management: Extra inputs are not permitted");
  const thinks = data.thinking !== undefined && data.thinking.type !== "disabled";
  if (!thinks && data.context_management?.edits.some(({ type }) => type.startsWith("clear_thinking")))
    return invalid("`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive");
  const problem = findInMessages(data);
  return problem === undefined ? undefined : invalid(problem);
}

function findInMessages({ messages, thinking }: Body): string | undefined {
  let calls: string[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = typeof message.content === "string" ? [] : message.content;
    for (const [place, one] of blocks.entries()) {
      const at = `messages.${index}.content.${place}`;
      const problem = findInBlock(one, calls);
      if (problem !== undefined) return `${at}${problem}`;
    }
    calls = blocks.flatMap(({ type, id }) => (type === "tool_use" ? [String(id)] : []));
    const [first] = blocks;
    const isLast = index === messages.findLastIndex(({ role }) => role === "assistant");
    if (thinking?.type === "enabled" && isLast && calls.length > 0 && !first?.type.endsWith("thinking")) {
      return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first?.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block`;
    }
  }
  return undefined;
}

function findInBlock(one: z.output<typeof block>, calls: readonly string[]): string | undefined {
  switch (one.type) {
    case "thinking":
      return one.signature === signed(String(one.thinking))
        ? undefined
        : ": Invalid `signature` in `thinking` block";
    case "redacted_thinking":
      return one.data === signed("redacted") ? undefined : ": Invalid `data` in `redacted_thinking` block";
    case "tool_use":
      return /^[a-zA-Z0-9_-]+$/.test(String(one.id))
        ? undefined
        : ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
    case "tool_result":
      return calls.includes(String(one.tool_use_id))
        ? undefined
        : `: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(one.tool_use_id)}`;
    case "web_search_tool_result": {
      const pages =
        z.array(z.looseObject({ encrypted_content: z.string() })).safeParse(one.content).data ?? [];
      return pages.every((page) => page.encrypted_content.startsWith("Ek"))
        ? undefined
        : ": Invalid `encrypted_content` in `search_result` block";
    }
    case "text":
      return one.text === "" ? ": text content blocks must be non-empty" : undefined;
    default:
      return undefined;
  }
}

/**
 * What OpenAI refuses in a `/chat/completions` request, and a little more: unknown fields, calls without answers,
 * empty lists. Source: OpenAI's API reference and the 400s its servers give.
 */
import { z } from "zod";
import { takeSearch } from "./search-rules.ts";

export type Violation = { readonly param: string | null; readonly message: string };

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const callId = z.string().min(1).max(40);

const asParts = (value: unknown): unknown =>
  typeof value === "string" ? [{ type: "text", text: value }] : value;

const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });
const refusalPart = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
const imagePart = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.strictObject({
    url: z.string().regex(/^(https?:\/\/.|data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/]+=*$)/),
    detail: z.enum(["auto", "low", "high", "original"]).optional(),
  }),
});
const audioPart = z.strictObject({
  type: z.literal("input_audio"),
  input_audio: z.strictObject({ data: z.string(), format: z.enum(["wav", "mp3"]) }),
});
const filePart = z.strictObject({
  type: z.literal("file"),
  file: z.strictObject({
    file_data: z
      .string()
      .regex(/^data:[\w/.+-]+;base64,[A-Za-z0-9+/]+=*$/)
      .optional(),
    file_id: z.string().optional(),
    filename: z.string().optional(),
  }),
});

const textContent = z.preprocess(asParts, z.array(textPart).min(1));
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const toolCall = z.strictObject({
  id: callId,
  type: z.literal("function"),
  function: z.strictObject({
    name: functionName,
    arguments: z.string().refine(isJson, "arguments is not JSON text"),
  }),
});

const name = z.string().optional();
const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal(["system", "developer"]), content: textContent, name }),
  z.strictObject({
    role: z.literal("user"),
    content: z.preprocess(
      asParts,
      z.array(z.discriminatedUnion("type", [textPart, imagePart, audioPart, filePart])).min(1),
    ),
    name,
  }),
  z
    .strictObject({
      role: z.literal("assistant"),
      content: z
        .preprocess(
          asParts,
          z
            .array(z.discriminatedUnion("type", [textPart, refusalPart]))
            .min(1)
            .nullable(),
        )
        .optional(),
      refusal: z.string().nullish(),
      tool_calls: z.array(toolCall).min(1).optional(),
      name,
    })
    .refine(({ content, tool_calls }) => content != null || tool_calls, {
      path: ["content"],
      message: "content is null without tool_calls",
    }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: callId, content: textContent }),
]);

const tool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: functionName,
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.unknown()) }),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: functionName }) }),
]);

const responseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: functionName,
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()).optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const webSearchOptions = z.strictObject({
  search_context_size: z.enum(["low", "medium", "high"]).optional(),
  user_location: z
    .strictObject({
      type: z.literal("approximate"),
      approximate: z.strictObject({
        city: z.string().optional(),
        region: z.string().optional(),
        country: z.string().length(2).optional(),
        timezone: z.string().optional(),
      }),
    })
    .nullish(),
});

const tokenLimit = z.number().int().min(1).nullish();
const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  n: z.literal(1).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  tools: z.array(tool).min(1).optional(),
  tool_choice: toolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat.optional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  store: z.boolean().nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().max(128).optional(),
  prompt_cache_key: z.string().optional(),
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority", "fast"]).nullish(),
  web_search_options: webSearchOptions.optional(),
});
type ChatRequest = z.infer<typeof chatRequest>;
type ChatMessage = ChatRequest["messages"][number];

/**
 * The first thing wrong with a request, or undefined.
 * @param extensions names of fields beyond OpenAI's that this server takes, at the top, in messages, parts, calls and
 *   tools
 */
export function findViolation(body: unknown, extensions: readonly string[] = []): Violation | undefined {
  const names = new Set(extensions);
  const taken = takeSearch(body, names);
  if ("violation" in taken) return taken.violation;
  const parsed = chatRequest.safeParse(withoutExtensions(taken.body, names));
  if (!parsed.success) return describeIssue(parsed.error);
  return findMisfit(parsed.data) ?? findBrokenCall(parsed.data.messages);
}

const listsOfExtensible: ReadonlySet<string> = new Set(["messages", "content", "tools", "tool_calls"]);

function withoutExtensions(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !names.has(key));
  return Object.fromEntries(
    kept.map(([key, inner]) => [
      key,
      listsOfExtensible.has(key) && Array.isArray(inner)
        ? inner.map((item) => withoutExtensions(item, names))
        : inner,
    ]),
  );
}

function describeIssue({ issues: [issue] }: z.ZodError): Violation {
  if (!issue) return { param: null, message: "Invalid request" };
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const param = [...issue.path, ...unknownKey].reduce<string>(
    (path, step) =>
      typeof step === "number" ? `${path}[${step}]` : `${path}${path === "" ? "" : "."}${String(step)}`,
    "",
  );
  const fault = unknownKey.length > 0 ? `Unknown parameter: '${param}'` : `Invalid '${param}'`;
  return { param, message: `${fault}. ${issue.message}` };
}

/** Fields that are valid by themselves and invalid together. */
function findMisfit(request: ChatRequest): Violation | undefined {
  if (request.max_tokens != null && request.max_completion_tokens != null) {
    return refuse("max_tokens", "'max_tokens' and 'max_completion_tokens' cannot both be set");
  }
  if (request.stream_options && !request.stream) {
    return refuse("stream_options", "'stream_options' is only allowed when 'stream' is enabled");
  }
  if (!request.tools && request.tool_choice !== undefined) {
    return refuse("tool_choice", "'tool_choice' is only allowed when 'tools' are specified");
  }
  if (!request.tools && request.parallel_tool_calls !== undefined) {
    return refuse("parallel_tool_calls", "'parallel_tool_calls' is only allowed when 'tools' are specified");
  }
  const names = (request.tools ?? []).map((tool) => tool.function.name);
  if (new Set(names).size < names.length) return refuse("tools", "Tool names must be unique");
  const choice = request.tool_choice;
  if (typeof choice === "object" && !names.includes(choice.function.name)) {
    return refuse("tool_choice", `Tool choice '${choice.function.name}' not found in 'tools'`);
  }
  if (request.web_search_options && !/-search-/.test(request.model)) {
    return refuse("web_search_options", `Web search options not supported with ${request.model}`);
  }
  const roles = new Set(request.messages.map((message) => message.role));
  if (roles.has("system") && roles.has("developer")) {
    return refuse("messages", "'system' and 'developer' messages cannot both be used");
  }
  return undefined;
}

/** Every call is answered once, by tool messages right after its message; ids are never used twice. */
function findBrokenCall(messages: readonly ChatMessage[]): Violation | undefined {
  const used = new Set<string>();
  const open = new Set<string>();
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      if (open.delete(message.tool_call_id)) continue;
      return refuse(
        `messages[${at}].tool_call_id`,
        `'${message.tool_call_id}' answers no open call of the preceding assistant message`,
      );
    }
    if (open.size > 0) return refuseUnanswered(at, open);
    if (message.role !== "assistant") continue;
    for (const { id } of message.tool_calls ?? []) {
      if (used.has(id)) return refuse(`messages[${at}].tool_calls`, `Duplicate tool call id '${id}'`);
      used.add(id);
      open.add(id);
    }
  }
  return open.size > 0 ? refuseUnanswered(messages.length, open) : undefined;
}

function refuseUnanswered(at: number, open: ReadonlySet<string>): Violation {
  return refuse(`messages[${at}]`, `Tool calls without an answer before this point: ${[...open].join(", ")}`);
}

function refuse(param: string, message: string): Violation {
  return { param, message };
}

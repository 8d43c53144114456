/**
 * What OpenAI refuses in a `/responses` request, and a little more: unknown fields, items out of order, reasoning that
 * nothing follows, ids that do not fit, encrypted content of another model. Sources: the types of `openai`, and the 400s
 * that its servers give.
 */
import { z } from "zod";
import type { Violation } from "./openai-rules.ts";

const url = z.string().regex(/^(https?:\/\/.|data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/]+=*$)/);
const breakpoint = z.strictObject({ mode: z.literal("explicit") }).optional();
const inputText = z.strictObject({
  type: z.literal("input_text"),
  text: z.string(),
  prompt_cache_breakpoint: breakpoint,
});
const inputImage = z.strictObject({
  type: z.literal("input_image"),
  image_url: url,
  detail: z.enum(["auto", "low", "high"]),
});
const inputFile = z.strictObject({
  type: z.literal("input_file"),
  filename: z.string().optional(),
  file_data: z
    .string()
    .regex(/^data:[\w/.+-]+;base64,[A-Za-z0-9+/]+=*$/)
    .optional(),
  file_url: z.string().optional(),
});
const content = z.union([z.string(), z.array(z.union([inputText, inputImage, inputFile])).min(1)]);
const phase = z.enum(["commentary", "final_answer"]).optional();
const callId = z.string().min(1).max(64);

const item = z.discriminatedUnion("type", [
  z.discriminatedUnion("role", [
    z.strictObject({ type: z.literal("message"), role: z.enum(["user", "system", "developer"]), content }),
    z.strictObject({
      type: z.literal("message"),
      role: z.literal("assistant"),
      content: z.string().min(1),
      phase,
    }),
  ]),
  z.strictObject({
    type: z.literal("function_call"),
    call_id: callId,
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    arguments: z.string().refine(isJson, "arguments is not JSON text"),
  }),
  z.strictObject({ type: z.literal("function_call_output"), call_id: callId, output: content }),
  z.strictObject({
    type: z.literal("reasoning"),
    id: z.string().regex(/^rs_\w{1,60}$/),
    summary: z.array(z.strictObject({ type: z.literal("summary_text"), text: z.string() })),
    content: z.array(z.strictObject({ type: z.literal("reasoning_text"), text: z.string() })).optional(),
    encrypted_content: z.string().optional(),
  }),
]);
type InputItem = z.output<typeof item>;

const location = {
  city: z.string().optional(),
  region: z.string().optional(),
  country: z.string().length(2).optional(),
  timezone: z.string().optional(),
};
const tool = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("function"),
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z
      .string()
      .max(1024 * 1024)
      .optional(),
    parameters: z.looseObject({ type: z.literal("object") }),
    // Strict if left out, so that leaving it out is never meant.
    strict: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("web_search"),
    filters: z
      .strictObject({ allowed_domains: z.array(z.string().regex(/^[\w-]+(\.[\w-]+)+$/)).min(1) })
      .optional(),
    user_location: z.strictObject({ type: z.literal("approximate"), ...location }).optional(),
  }),
]);

export const responsesRequest = z.strictObject({
  model: z.string().min(1),
  input: z.array(item).min(1),
  stream: z.boolean().optional(),
  store: z.literal(false),
  include: z
    .array(z.enum(["reasoning.encrypted_content", "web_search_call.action.sources"]))
    .min(1)
    .optional(),
  max_output_tokens: z.number().int().min(16).optional(),
  max_tool_calls: z.number().int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  tools: z.array(tool).min(1).optional(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.strictObject({ type: z.literal("function"), name: z.string() }),
      z.strictObject({
        type: z.literal("allowed_tools"),
        mode: z.enum(["auto", "required"]),
        tools: z.array(z.strictObject({ type: z.literal("web_search") })).min(1),
      }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  reasoning: z
    .strictObject({
      effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).optional(),
      summary: z.enum(["auto", "concise", "detailed"]).optional(),
    })
    .optional(),
  text: z
    .strictObject({
      format: z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("json_object") }),
        z.strictObject({
          type: z.literal("json_schema"),
          name: z.string(),
          schema: z.record(z.string(), z.unknown()),
          strict: z.boolean().optional(),
        }),
      ]),
    })
    .optional(),
  safety_identifier: z.string().max(128).optional(),
  user: z.string().optional(),
  prompt_cache_key: z.string().max(64).optional(),
  service_tier: z.enum(["auto", "default", "flex", "priority"]).optional(),
});
type ResponsesBody = z.output<typeof responsesRequest>;

/** The first thing that the server refuses; undefined if it takes the body. */
export function findResponsesViolation(body: unknown): (Violation & { code?: string }) | undefined {
  const parsed = responsesRequest.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
    const param = path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
      .join("")
      .slice(1);
    return unknown === undefined
      ? { param, message: `Invalid value for '${param}': ${issue?.message}`, code: "invalid_value" }
      : { param, message: `Unknown parameter: '${param}'.`, code: "unknown_parameter" };
  }
  return findModelFault(parsed.data) ?? findDisorder(parsed.data);
}

const reasons = /^(o\d|gpt-(5|6))(?!.*-chat)/;

function findModelFault({ model, ...body }: ResponsesBody): (Violation & { code?: string }) | undefined {
  const refuse = (param: string, message: string) => ({ param, message, code: "unsupported_parameter" });
  if (!reasons.test(model)) {
    if (body.include?.includes("reasoning.encrypted_content"))
      return refuse("include", "Encrypted content is not supported with this model.");
    if (body.reasoning)
      return refuse("reasoning", "Unsupported parameter: 'reasoning' is not supported with this model.");
  } else if (body.temperature !== undefined || body.top_p !== undefined) {
    return refuse("temperature", "Unsupported parameter: 'temperature' is not supported with this model.");
  }
  if (/astra/.test(model) && body.reasoning?.effort === "none")
    return refuse(
      "reasoning.effort",
      "Unsupported value: 'none' is not supported with this model. Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'.",
    );
  if (body.tool_choice !== undefined && body.tools === undefined)
    return refuse("tool_choice", "Tool choice was set without tools.");
  return undefined;
}

/** Calls and outputs in pairs, reasoning right before what it led to, and everything as this server has sealed it. */
function findDisorder({ input, model }: ResponsesBody): (Violation & { code?: string }) | undefined {
  const refuse = (message: string, code?: string) => ({ param: "input", message, ...(code && { code }) });
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const [at, one] of input.entries()) {
    if (one.type === "function_call") {
      if (seen.has(one.call_id)) return refuse(`Duplicate call_id ${one.call_id}.`);
      seen.add(one.call_id);
      open.add(one.call_id);
    } else if (one.type === "function_call_output") {
      if (!open.delete(one.call_id))
        return refuse(`No tool call found for function call output with call_id ${one.call_id}.`);
    } else if (one.type === "message" && open.size > 0) {
      return refuse(`No tool output found for function call ${[...open][0]}.`);
    } else if (one.type === "reasoning") {
      const fault = findReasoningFault(one, input.slice(at + 1), model);
      if (fault)
        return fault.code ? { ...refuse(fault.message, fault.code), param: null } : refuse(fault.message);
    }
  }
  return open.size > 0 ? refuse(`No tool output found for function call ${[...open][0]}.`) : undefined;
}

function findReasoningFault(
  { id, encrypted_content }: InputItem & { type: "reasoning" },
  following: readonly InputItem[],
  model: string,
): { message: string; code?: string } | undefined {
  const next = following.find(({ type }) => type !== "reasoning");
  const isFollowed =
    next?.type === "function_call" || (next?.type === "message" && next.role === "assistant");
  if (!isFollowed)
    return { message: `Item '${id}' of type 'reasoning' was provided without its required following item.` };
  if (encrypted_content === undefined)
    return {
      message: `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`,
    };
  if (encrypted_content !== seal(id, model))
    return {
      message: `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      code: "invalid_encrypted_content",
    };
  return undefined;
}

/** The encrypted content of an item: nobody else's is valid. */
export function seal(id: string, model: string): string {
  return `gAAAA${Buffer.from(`${Bun.hash(`${model} ${id}`)} ${id}`).toString("base64url")}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

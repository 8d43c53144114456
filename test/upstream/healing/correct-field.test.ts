/** Every wording in which a backend refuses a field, and the body that it gets instead. */
import { describe } from "bun:test";
import type { Correction } from "../../../src/upstream/corrections.ts";
import { check, extra, openai } from "../../support/refusals.ts";

describe("a field that is not accepted is removed", () => {
  check([
    [
      "stream_options is not a permitted field",
      400,
      openai("stream_options is not a permitted field"),
      { change: "drop", path: "stream_options" },
      { stream_options: { include_usage: true } },
    ],
    [
      "Field stream_options is disallowed",
      400,
      openai("Field stream_options is disallowed"),
      { change: "drop", path: "stream_options" },
      { stream_options: { include_usage: true } },
    ],
    [
      "We do not recognize the parameter stream_options",
      400,
      openai("We do not recognize the parameter stream_options"),
      { change: "drop", path: "stream_options" },
      { stream_options: { include_usage: true } },
    ],
    [
      "Invalid parameter: stream_options",
      400,
      openai("Invalid parameter: stream_options"),
      { change: "drop", path: "stream_options" },
      { stream_options: { include_usage: true } },
    ],
    ...[
      "top_k may not be used with this model",
      "top_k should not be specified",
      "This model does not accept top_k",
      "no such parameter: top_k",
      "top_k is not applicable",
    ].map((words) => [words, 400, openai(words), { change: "drop", path: "top_k" }] as const),
    [
      "Anthropic, through others: thinking excludes a forced call",
      400,
      openai("Thinking may not be enabled when tool_choice forces tool use."),
      { change: "drop", path: "thinking" },
    ],
    [
      "temperature must be 1 for this model",
      400,
      openai("temperature must be 1 for this model"),
      { change: "drop", path: "temperature" },
      { stream_options: { include_usage: true } },
    ],
    [
      "invalid temperature: only 1 is allowed for this model",
      400,
      openai("invalid temperature: only 1 is allowed for this model"),
      { change: "drop", path: "temperature" },
      { stream_options: { include_usage: true } },
    ],
    [
      "At most 1 stop sequence is allowed",
      400,
      openai("At most 1 stop sequence is allowed"),
      { change: "drop", path: "stop" },
      { stream_options: { include_usage: true } },
    ],
    [
      "top_k is not implemented",
      400,
      openai("top_k is not implemented"),
      { change: "drop", path: "top_k" },
      { stream_options: { include_usage: true } },
    ],
    [
      "remove prompt_cache_key",
      400,
      openai("remove prompt_cache_key"),
      { change: "drop", path: "prompt_cache_key" },
      { stream_options: { include_usage: true } },
    ],
    [
      "a choice by name, in words",
      400,
      openai("Forcing a specific tool is not supported; use auto or none"),
      { change: "replace", path: "tool_choice", from: { type: "function" }, to: "auto" },
    ],
    [
      "unsupported_parameter only in the code",
      400,
      openai("No", "top_p", "unsupported_parameter"),
      { change: "drop", path: "top_p" },
    ],
    [
      "unsupported_value where only the default is allowed",
      400,
      openai(
        "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
        "temperature",
        "unsupported_value",
      ),
      { change: "drop", path: "temperature" },
    ],
    [
      "Argument not supported",
      400,
      { code: "Client specified an invalid argument", error: "Argument not supported on this model: stop" },
      { change: "drop", path: "stop" },
    ],
    [
      "does not support parameter X, in camel case",
      400,
      { error: "Model big-model does not support parameter reasoningEffort." },
      { change: "drop", path: "reasoning_effort" },
    ],
    ["Extra inputs are not permitted", 422, extra("user"), { change: "drop", path: "user" }],
    [
      "several extra inputs, one after the other",
      422,
      {
        detail: [...extra("prompt_cache_key").detail, ...extra("top_k").detail],
      },
      { change: "drop", path: "prompt_cache_key" },
    ],
    [
      "Unrecognized request argument",
      400,
      openai("Unrecognized request argument supplied: stream_options"),
      { change: "drop", path: "stream_options" },
    ],
    [
      "Unknown parameter",
      400,
      openai("Unknown parameter: 'safety_identifier'.", "safety_identifier", "unknown_parameter"),
      { change: "drop", path: "safety_identifier" },
    ],
    [
      "Unknown name",
      400,
      [
        {
          error: {
            code: 400,
            status: "INVALID_ARGUMENT",
            message: 'Invalid JSON payload received. Unknown name "parallel_tool_calls": Cannot find field.',
          },
        },
      ],
      { change: "drop", path: "parallel_tool_calls" },
    ],
    [
      "a provider's error quoted by a gateway",
      400,
      {
        error: {
          message: "Provider returned error",
          code: 400,
          metadata: {
            raw: JSON.stringify(openai("Unsupported parameter: 'top_k'", "top_k")),
            provider_name: "X",
          },
        },
      },
      { change: "drop", path: "top_k" },
    ],
    [
      "no endpoint that supports it",
      404,
      openai("No endpoints found that support the provided 'session_id' value, it is not supported"),
      { change: "drop", path: "session_id" },
    ],
    [
      "two fields that exclude each other",
      400,
      openai("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
      { change: "drop", path: "temperature" },
    ],
    [
      "parallel tool calls, in a sentence",
      400,
      openai("This model does not support parallel tool calls"),
      { change: "drop", path: "parallel_tool_calls" },
    ],
    [
      "enable_thinking",
      400,
      openai("parameter.enable_thinking is not supported"),
      { change: "drop", path: "enable_thinking" },
    ],
    ["thinking_budget", 422, extra("thinking_budget"), { change: "drop", path: "thinking_budget" }],
    [
      "chat_template_kwargs",
      422,
      extra("chat_template_kwargs"),
      { change: "drop", path: "chat_template_kwargs" },
    ],
    ["thinking", 422, extra("thinking"), { change: "drop", path: "thinking" }],
    ["extra_body", 400, openai('Unknown name "extra_body"'), { change: "drop", path: "extra_body" }],
    [
      "a nested field",
      400,
      openai("Thinking level is not supported for this model."),
      { change: "drop", path: "extra_body.google.thinking_config.thinking_level" },
      { thinking: undefined },
    ],
    [
      "strict in tools",
      422,
      extra("tools", 0, "function", "strict"),
      { change: "drop", path: "tools[].function.strict" },
    ],
    [
      "strict in the answer's schema",
      400,
      openai("Unknown parameter", "response_format.json_schema.strict", "unknown_parameter"),
      { change: "drop", path: "response_format.json_schema.strict" },
    ],
    [
      "a schema outside the strict subset",
      400,
      openai(
        "Invalid schema for function 'x': In context=(), 'additionalProperties' is required to be supplied and to be false.",
        "tools[0].function.parameters",
        "invalid_function_parameters",
      ),
      { change: "drop", path: "tools[].function.strict" },
    ],
    [
      "reasoning_content in messages",
      400,
      openai("Unknown parameter: 'messages[2].reasoning_content'.", "messages[2].reasoning_content"),
      { change: "drop", path: "messages[].reasoning_content" },
    ],
    [
      "reasoning in messages, not the top-level field",
      422,
      extra("messages", 2, "assistant", "reasoning"),
      { change: "drop", path: "messages[].reasoning" },
    ],
    [
      "reasoning_content in messages, as reported by a grammar",
      400,
      openai(
        "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
      ),
      { change: "drop", path: "messages[].reasoning_content" },
    ],
    [
      "reasoning_details in messages",
      400,
      openai("Unrecognized key: messages.2.reasoning_details"),
      { change: "drop", path: "messages[].reasoning_details" },
    ],
  ]);
});

describe("a field gets another name or another value", () => {
  check([
    [
      "max_tokens",
      400,
      openai(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
        "unsupported_parameter",
      ),
      { change: "rename", path: "max_tokens", to: "max_completion_tokens" },
    ],
    [
      "max_completion_tokens",
      422,
      extra("max_completion_tokens"),
      { change: "rename", path: "max_completion_tokens", to: "max_tokens" },
      { max_tokens: undefined, max_completion_tokens: 9 },
    ],
    [
      "the developer role, by value",
      400,
      openai(
        "Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
        "messages[0].role",
      ),
      { change: "replace", path: "messages[].role", from: "developer", to: "system" },
    ],
    [
      "the developer role, by variant",
      422,
      "Failed to deserialize: messages[0].role: unknown variant `developer`, expected one of `system`, `user`",
      { change: "replace", path: "messages[].role", from: "developer", to: "system" },
    ],
    [
      "the developer role, by schema",
      422,
      {
        detail: [
          { loc: ["body", "messages", 0, "role"], msg: "Input should be 'system', 'user' or 'assistant'" },
        ],
      },
      { change: "replace", path: "messages[].role", from: "developer", to: "system" },
    ],
    [
      "a named tool becomes any tool",
      400,
      openai(
        "The tool_choice parameter does not support being set to an object in thinking mode",
        "tool_choice",
      ),
      { change: "replace", path: "tool_choice", from: { type: "function" }, to: "required" },
    ],
    [
      "a named tool, where only auto is taken",
      400,
      openai("Tool choice must be 'auto'"),
      { change: "replace", path: "tool_choice", from: { type: "function" }, to: "auto" },
    ],
    [
      "any tool becomes auto",
      400,
      openai("tool_choice 'required' is incompatible with thinking enabled"),
      { change: "replace", path: "tool_choice", from: "required", to: "auto" },
      { tool_choice: "required" },
    ],
    [
      "tool_choice is not accepted at all",
      400,
      openai("deepseek-reasoner does not support this tool_choice"),
      { change: "drop", path: "tool_choice", from: "auto" },
      { tool_choice: "auto" },
    ],
    [
      "a schema becomes JSON",
      400,
      openai("This response_format type is unavailable now"),
      {
        change: "replace",
        path: "response_format",
        from: { type: "json_schema" },
        to: { type: "json_object" },
      },
    ],
    [
      "JSON becomes text",
      400,
      openai("'response_format.type' must be 'json_schema' or 'text'"),
      { change: "drop", path: "response_format" },
      { response_format: { type: "json_object" } },
    ],
    [
      "no JSON together with tools",
      400,
      openai("json mode cannot be combined with tool/function calling"),
      { change: "drop", path: "response_format", withTools: true },
    ],
    [
      "no reasoning together with tools",
      400,
      openai(
        "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. Please use /v1/responses instead.",
        "reasoning_effort",
      ),
      { change: "replace", path: "reasoning_effort", to: "none", withTools: true },
    ],
  ]);
});

describe("reasoning efforts", () => {
  const effort = (from: string, to: string): Correction => ({
    change: "replace",
    path: "reasoning_effort",
    from,
    to,
  });
  check([
    [
      "the nearest of the listed efforts",
      400,
      openai(
        "Unsupported value: 'xhigh' is not supported with the 'gpt-5.1' model. Supported values are: 'none', 'low', 'medium', and 'high'.",
        "reasoning_effort",
        "unsupported_value",
      ),
      effort("xhigh", "high"),
    ],
    [
      "none does not replace a requested effort",
      400,
      openai("Unsupported value: 'minimal'. Supported values are: 'none', 'low'", "reasoning_effort"),
      effort("minimal", "low"),
      { reasoning_effort: "minimal" },
    ],
    [
      "reasoning that cannot be disabled is reduced",
      400,
      openai(
        "Invalid value: 'none'. Supported values are: 'minimal', 'low', 'medium', and 'high'.",
        "reasoning_effort",
      ),
      effort("none", "minimal"),
      { reasoning_effort: "none" },
    ],
    [
      "a model's name is not an effort",
      400,
      openai("reasoning_effort is not supported by qwen-max", "reasoning_effort"),
      { change: "drop", path: "reasoning_effort" },
      { reasoning_effort: "low" },
    ],
    [
      "only this value is refused",
      400,
      openai("reasoning_effort 'none' is not supported"),
      { change: "drop", path: "reasoning_effort", from: "none" },
      { reasoning_effort: "none" },
    ],
    [
      "an effort inside an object",
      400,
      openai(
        "Invalid option: expected one of 'high', 'low' at reasoning.effort, which does not support 'xhigh'",
      ),
      { change: "replace", path: "reasoning.effort", from: "xhigh", to: "high" },
      { reasoning_effort: undefined },
    ],
    [
      "mandatory reasoning",
      400,
      openai("Reasoning is mandatory for this endpoint and cannot be disabled."),
      { change: "drop", path: "reasoning", from: { effort: "none" } },
      { reasoning: { effort: "none" }, reasoning_effort: undefined },
    ],
    [
      "a model that does not reason",
      400,
      { error: { message: '"llama3.2" does not support thinking' } },
      { change: "drop", path: "reasoning_effort" },
      { thinking: undefined },
    ],
  ]);
});

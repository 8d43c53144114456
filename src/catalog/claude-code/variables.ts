/** The environment variables of Claude Code that `run` and the banner use. */

/** Name of the variable by its purpose. */
export const clientVariables = {
  /** Where requests go. Seen in 2.1.197 to 2.1.332. */
  baseUrl: "ANTHROPIC_BASE_URL",
  /** Sent as a bearer token. Seen in 2.1.197 to 2.1.332. */
  authToken: "ANTHROPIC_AUTH_TOKEN",
  /** Headers of every request, one on a line. Seen in 2.1.197 to 2.1.332. */
  customHeaders: "ANTHROPIC_CUSTOM_HEADERS",
  /** The models behind the aliases. Seen in 2.1.197 to 2.1.332. */
  fableModel: "ANTHROPIC_DEFAULT_FABLE_MODEL",
  opusModel: "ANTHROPIC_DEFAULT_OPUS_MODEL",
  sonnetModel: "ANTHROPIC_DEFAULT_SONNET_MODEL",
  /** Also the model of background tasks. Seen in 2.1.197 to 2.1.332. */
  haikuModel: "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  /** With 1, the models of `/v1/models` are in its picker. Seen in 2.1.197 to 2.1.332. */
  discovery: "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
  /** With 0, auto mode's safety check is an ordinary request. Seen in 2.1.330, 2.1.332. */
  autoModeServer: "CLAUDE_CODE_AUTO_MODE_SERVER",
  /** With 1, unmarked and unknown names have no window of a million tokens. Seen in 2.1.197 to 2.1.332. */
  disableMarkedWindow: "CLAUDE_CODE_DISABLE_1M_CONTEXT",
  /** The window of names that do not begin with `claude-`, tokens. Seen in 2.1.197 to 2.1.332. */
  contextWindow: "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
  /** With 1, requests say what they are for, in headers that `readHints` reads. Seen in 2.1.330, 2.1.332. */
  hintHeaders: "CLAUDE_CODE_GATEWAY_HINT_HEADERS",
  /** The window at which it compacts, tokens, within `compactWindow`. Seen in 2.1.197 to 2.1.332. */
  compactWindow: "CLAUDE_CODE_AUTO_COMPACT_WINDOW",
  /** The `max_tokens` of its requests. Seen in 2.1.197. */
  maxOutput: "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
} as const;

/** If any is set, it sends its requests to a server other than ours. Seen in 2.1.332, most also in 2.1.197. */
export const otherServerVariables = [
  clientVariables.baseUrl,
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_USE_MANTLE",
  "CLAUDE_CODE_USE_ANTHROPIC_AWS",
  "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
] as const;

/** Added to the variable of a tier's model: what the picker shows for it. Seen in 2.1.332. */
export const pickerSuffixes = { name: "_NAME", description: "_DESCRIPTION" } as const;

/** The values of `CLAUDE_CODE_AUTO_COMPACT_WINDOW` that have an effect, tokens. Seen in 2.1.197. */
export const compactWindow = { min: 100_000, max: 1_000_000 } as const;

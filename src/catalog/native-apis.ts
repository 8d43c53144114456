/**
 * What backends have in common that take Anthropic's own format beside OpenAI's. Sources: their documentation of that
 * endpoint, and what users of Claude Code report.
 */
import type { QuirkChanges } from "./quirks.ts";

export type NativeApi = {
  /** What stands before `/v1/messages` in its path. */
  readonly path: string;
  /** The header of the key, if it is not `authorization`. */
  readonly keyHeader?: "x-api-key";
  /** What it does not know of the format. */
  readonly quirks: NonNullable<QuirkChanges["native"]>;
};

/** Anthropic itself, which every other one is compared with. */
export const anthropicHost = "api.anthropic.com";
export const anthropicApi: NativeApi = {
  path: "",
  keyHeader: "x-api-key",
  quirks: {},
};

/** For resellers, which pass requests on to Anthropic as they are. */
export const resoldApi = { countsTokens: false } as const satisfies NativeApi["quirks"];

/** Without what Anthropic's servers do by themselves; unknown fields are ignored. */
export const plainApi = {
  checksSignatures: false,
  isComplete: false,
  countsTokens: false,
} as const satisfies NativeApi["quirks"];

/** `thinking` is on or off, and there is no effort. */
export const switchedApi = {
  ...plainApi,
  thinking: ["enabled", "disabled"],
  efforts: [],
  unknownFields: ["context_management", "mcp_servers", "container", "fallbacks", "speed", "inference_geo"],
} as const satisfies NativeApi["quirks"];

/** Decides how the backend is asked for JSON, if the client wants any. */
import type { CountTokensRequest } from "../anthropic/wire.ts";
import type { Quirks } from "../catalog/quirks.ts";
import type { JsonObject } from "../lib/json.ts";

export type JsonFormat = {
  /** As the client wrote it. */
  readonly schema: JsonObject;
  /** By its schema; as any JSON, with the schema in words; or only in words. */
  readonly form: Quirks["json"]["format"];
};

/** @param hasTools whether the request carries tools, including those that the backend runs */
export function chooseFormat(
  request: CountTokensRequest,
  { json }: Quirks,
  hasTools: boolean,
): JsonFormat | undefined {
  const schema = readSchema(request);
  return schema && { schema, form: hasTools && !json.withTools ? "none" : json.format };
}

/** The schema that the reply must match. */
export function readSchema({ output_config, output_format }: CountTokensRequest): JsonObject | undefined {
  return (output_config?.format ?? output_format)?.schema;
}

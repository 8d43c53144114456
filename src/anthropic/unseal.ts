/** Extracts readable text from the results of Anthropic's server tools, which also contain bytes and encrypted data. */
import { asString, isObject, type JsonObject } from "../lib/json.ts";
import { serverToolResultTypes } from "./server-results.ts";
import type { RequestBlock, ResultBlock, ServerToolResultBlock } from "./wire.ts";

const resultTypes: ReadonlySet<string> = new Set(serverToolResultTypes);

/** Whether the block is the result of a tool that Anthropic's servers run, whose content is for `unseal`. */
export function isServerToolResult(block: RequestBlock | ResultBlock): block is ServerToolResultBlock {
  return resultTypes.has(block.type);
}

const sealedFields = new Set(["data", "encrypted_content", "encrypted_index", "encrypted_stdout"]);

/** The readable text of a value: pages that were found or fetched, JSON for anything else, and strings unchanged. */
export function unseal(value: unknown): string {
  if (typeof value === "string") return value;
  if (isSearch(value)) return value.map(describePage).join("\n") || "Nothing was found";
  const fetched = isObject(value) ? describeFetched(value) : undefined;
  if (fetched !== undefined) return fetched;
  return (
    JSON.stringify(value, (field, inner: unknown) => (sealedFields.has(field) ? undefined : inner)) ?? ""
  );
}

function isSearch(value: unknown): value is JsonObject[] {
  return Array.isArray(value) && value.every((page) => isObject(page) && page.type === "web_search_result");
}

/** Our own searches put what was read on the page into `encrypted_content`; Anthropic's is encrypted. */
function describePage(page: JsonObject): string {
  const [title, url, content] = [page.title, page.url, page.encrypted_content].map(asString);
  const snippet = content && !/^[\w+/=-]*$/.test(content) ? `\n  ${content.replace(/\s+/g, " ")}` : "";
  const age = asString(page.page_age);
  return `- [${title}](${url})${age && ` (${age})`}${snippet}`;
}

/** A page that Anthropic fetched as text; others are bytes. */
function describeFetched({ type, url, content }: JsonObject): string | undefined {
  if (type !== "web_fetch_result" || !isObject(content) || !isObject(content.source)) return undefined;
  const { source, title } = content;
  return source.type === "text" ? `${asString(title)} ${asString(url)}\n${asString(source.data)}` : undefined;
}

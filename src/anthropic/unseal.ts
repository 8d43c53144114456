/** Results of Anthropic's server tools hold bytes and seals beside what a model can read. */
import { asString, isObject, type JsonObject } from "../lib/json.ts";

const sealedFields = new Set(["data", "encrypted_content", "encrypted_index", "encrypted_stdout"]);

/** What can be read of a value: pages found or fetched, of others JSON text; a string is itself. */
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

/** Our own searches leave in `encrypted_content` what was read on the page; Anthropic's leave a seal there. */
function describePage(page: JsonObject): string {
  const [title, url, content] = [page.title, page.url, page.encrypted_content].map(asString);
  const snippet = content && !/^[\w+/=-]*$/.test(content) ? `\n  ${content.replace(/\s+/g, " ")}` : "";
  return `- [${title}](${url})${snippet}`;
}

/** A page that Anthropic fetched as text; others are bytes. */
function describeFetched({ type, url, content }: JsonObject): string | undefined {
  if (type !== "web_fetch_result" || !isObject(content) || !isObject(content.source)) return undefined;
  const { source, title } = content;
  return source.type === "text" ? `${asString(title)} ${asString(url)}\n${asString(source.data)}` : undefined;
}

/** Results of Anthropic's server tools hold bytes and seals beside what a model can read. */
import { asString, isObject, type JsonObject } from "../lib/json.ts";

const sealedFields = new Set(["data", "encrypted_content", "encrypted_index", "encrypted_stdout"]);

/** What can be read of a value: of a search its pages, of others JSON text; a string is itself. */
export function unseal(value: unknown): string {
  if (typeof value === "string") return value;
  if (isSearch(value)) return value.map(describePage).join("\n") || "Nothing was found";
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

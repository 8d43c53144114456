/** Writes a body from the JSON of its messages and tools, most of which is known, and of its other fields. */
import { isObject, type JsonObject, writeJson } from "../../lib/json.ts";
import { formOf } from "./known-forms.ts";
import { writeAttachments } from "./write-attachments.ts";

/** @param body the items of its lists are not changed afterwards */
export function writeBody(body: JsonObject): string {
  return writeAttachments((cut) => {
    const write = (value: unknown) => (isObject(value) ? formOf(value, cut) : writeJson(value));
    let json = "{";
    for (const name in body) {
      const value = body[name];
      if (value === undefined) continue;
      const form = Array.isArray(value) ? `[${value.map(write).join(",")}]` : writeJson(value);
      json += `${json === "{" ? "" : ","}${JSON.stringify(name)}:${form}`;
    }
    return `${json}}`;
  });
}

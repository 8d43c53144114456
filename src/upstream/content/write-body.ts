/** Writes a body from the JSON of its messages and tools, most of which is known, and of its other fields. */
import { isObject, type JsonObject, writeJson } from "../../lib/json.ts";
import type { LongText } from "../../lib/long-text.ts";
import type { DataUrl } from "./data-url.ts";
import { formOf } from "./known-forms.ts";
import { writeAttachments } from "./write-attachments.ts";

/** @param body the items of its lists are not changed afterwards */
export function writeBody(body: JsonObject): string | LongText {
  return writeAttachments((cut) => {
    // Put together by adding, so that the whole is copied once, when it is sent.
    let json = "{";
    for (const name in body) {
      const value = body[name];
      if (value === undefined) continue;
      json += `${json === "{" ? "" : ","}${JSON.stringify(name)}:`;
      json += Array.isArray(value) ? writeList(value, cut) : writeJson(value);
    }
    return `${json}}`;
  });
}

function writeList(items: readonly unknown[], cut: (url: DataUrl) => string): string {
  let json = "";
  for (const item of items) {
    json += json === "" ? "[" : ",";
    json += isObject(item) ? formOf(item, cut) : writeJson(item);
  }
  return json === "" ? "[]" : `${json}]`;
}

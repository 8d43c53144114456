/** Writes the parts of a message in the words of `/responses`. */
import type { ContentPart } from "../../content/parts.ts";
import { joinParts } from "../../content/write-content.ts";
import type { InputPart } from "../wire.ts";

/** One string if there is only text, unless marks may come and go, which would change the cached prefix. */
export function writeInputContent(
  parts: readonly ContentPart[],
  separator: string,
  keepsParts: boolean,
): string | InputPart[] {
  const joined = keepsParts ? parts : joinParts(parts, separator);
  return typeof joined === "string" ? joined : joined.map(writePart);
}

function writePart(part: ContentPart): InputPart {
  switch (part.type) {
    case "text":
      return {
        type: "input_text",
        text: part.text,
        ...(part.cache_control && { prompt_cache_breakpoint: { mode: "explicit" as const } }),
      };
    case "image_url":
      return { type: "input_image", image_url: part.image_url.url, detail: "auto" };
    case "file": {
      const { filename, file_data } = part.file;
      return typeof file_data === "string" && /^https?:/i.test(file_data)
        ? { type: "input_file", file_url: file_data }
        : { type: "input_file", filename, file_data };
    }
    case "document_url":
      return { type: "input_file", file_url: part.document_url };
    default:
      return part satisfies never;
  }
}

/** Writes a body with the attachments of its messages. */
import type { ContentPart } from "../../content/parts.ts";
import { writeAttachments } from "../../content/write-attachments.ts";
import type { ChatMessage } from "../wire.ts";

type Cut = (url: string) => string;

/** @param write makes JSON of a body that contains the given messages once, in place of the real ones */
export function writeBody(
  messages: readonly ChatMessage[],
  write: (messages: readonly ChatMessage[]) => string,
): string {
  return writeAttachments((cut) => write(messages.map((message) => cutMessage(message, cut))));
}

function cutMessage(message: ChatMessage, cut: Cut): ChatMessage {
  if ((message.role !== "user" && message.role !== "tool") || typeof message.content === "string")
    return message;
  return { ...message, content: message.content.map((part) => cutPart(part, cut)) };
}

function cutPart(part: ContentPart, cut: Cut): ContentPart {
  switch (part.type) {
    case "text":
      return part;
    case "image_url":
      return { ...part, image_url: { ...part.image_url, url: cut(part.image_url.url) } };
    case "file":
      return { ...part, file: { ...part.file, file_data: cut(part.file.file_data) } };
    case "document_url":
      return { ...part, document_url: cut(part.document_url) };
    default:
      return part satisfies never;
  }
}

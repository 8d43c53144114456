/** Writes a body with the attachments and long texts of its messages, and the descriptions of its tools. */
import type { ContentPart } from "../../content/parts.ts";
import { type Cut, writeAttachments } from "../../content/write-attachments.ts";
import type { FunctionTool } from "../../tools/write-tools.ts";
import type { ChatMessage, ChatRequest } from "../wire.ts";

type Long = Pick<ChatRequest, "messages" | "tools">;

/** @param write makes JSON of a body that contains the given fields in place of the real ones */
export function writeBody({ messages, tools }: Long, write: (fields: Long) => string): string {
  return writeAttachments((cut) =>
    write({
      messages: messages.map((message) => cutMessage(message, cut)),
      ...(tools && { tools: tools.map((tool) => cutTool(tool, cut)) }),
    }),
  );
}

function cutTool(tool: FunctionTool, cut: Cut): FunctionTool {
  const { description } = tool.function;
  return description === undefined
    ? tool
    : { ...tool, function: { ...tool.function, description: cut(description) } };
}

function cutMessage(message: ChatMessage, cut: Cut): ChatMessage {
  if (typeof message.content === "string") return { ...message, content: cut(message.content) };
  switch (message.role) {
    case "system":
    case "developer":
      return { ...message, content: message.content.map((part) => ({ ...part, text: cut(part.text) })) };
    case "user":
    case "tool":
      return { ...message, content: message.content.map((part) => cutPart(part, cut)) };
    // Its parts may be reasoning, in a form of its backend.
    case "assistant":
      return message;
    default:
      return message satisfies never;
  }
}

function cutPart(part: ContentPart, cut: Cut): ContentPart {
  switch (part.type) {
    case "text":
      return { ...part, text: cut(part.text) };
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

/**
 * Room `upstream/content/`: what messages say, in a form that every protocol can use. Not here: the order of messages,
 * and fields of one wire format.
 *
 * The parts of a message. They have the shape of `/chat/completions`, which most backends speak; other protocols
 * translate them.
 */
import type { DataUrl } from "./data-url.ts";

export type CacheControl = { type: "ephemeral"; ttl?: "5m" | "1h" | undefined };
export type TextPart = {
  type: "text";
  text: string;
  cache_control?: CacheControl;
  /** OpenAI, from gpt-5.6 on. */
  prompt_cache_breakpoint?: { mode: "explicit" };
};
type ImagePart = { type: "image_url"; image_url: { url: string | DataUrl } };
type FilePart = { type: "file"; file: { filename: string; file_data: string | DataUrl } };
/** Mistral's PDFs. */
type DocumentPart = { type: "document_url"; document_url: string | DataUrl };
export type ContentPart = TextPart | ImagePart | FilePart | DocumentPart;

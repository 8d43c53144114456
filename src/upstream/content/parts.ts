/**
 * Room `upstream/content/`: what messages say, in a form that every protocol can use. Not here: the order of messages,
 * and fields of one wire format.
 *
 * The parts of a message. They have the shape of `/chat/completions`, which most backends speak; other protocols
 * translate them. Nothing changes a part or a message once it is written, because the next turn may use it again.
 */
import type { DataUrl } from "./data-url.ts";

export type CacheControl = { type: "ephemeral"; ttl?: "5m" | "1h" | undefined };
export type TextPart = {
  readonly type: "text";
  readonly text: string;
  readonly cache_control?: CacheControl;
  /** OpenAI, from gpt-5.6 on. */
  readonly prompt_cache_breakpoint?: { mode: "explicit" };
};
type ImagePart = { readonly type: "image_url"; readonly image_url: { readonly url: string | DataUrl } };
type FilePart = {
  readonly type: "file";
  readonly file: { readonly filename: string; readonly file_data: string | DataUrl };
};
/** Mistral's PDFs. */
type DocumentPart = { readonly type: "document_url"; readonly document_url: string | DataUrl };
export type ContentPart = TextPart | ImagePart | FilePart | DocumentPart;

/**
 * Room `adapt/images/`: leaves out the images that a backend cannot read. Not here: what a backend has refused, which
 * `upstream/attempt/` remembers, and asking a model for a description (`journey/`).
 *
 * A visible note takes the place of an image, so that the model does not talk about something that it has not seen. The
 * client keeps the image: another model may see it.
 */
import type { ImageBlock, MessagesRequest, RequestBlock, ResultBlock } from "../../anthropic/wire.ts";
import { findFileFormat } from "../../lib/find-file-format.ts";

/** What a backend is known to refuse. */
export type RefusedImages = {
  /** The model sees no images. */
  readonly all: boolean;
  /** How many images one request may hold; undefined if unknown. */
  readonly max: number | undefined;
  /** Whether an image, named by its digest, was refused before; undefined if none was. */
  readonly has: ((digest: string) => boolean) | undefined;
};

type ImageRoom = {
  readonly refused: RefusedImages;
  /** What a model that cannot see an image reads instead. */
  readonly descriptions?: ReadonlyMap<ImageBlock, string> | undefined;
  /** Called with fixed wording, for the log, once for everything that is lost. */
  readonly note: (words: string) => void;
};

/** The request without images that cannot be read; the very same object if nothing had to change. */
export function adaptImages(
  request: MessagesRequest,
  { refused, descriptions, note }: ImageRoom,
): MessagesRequest {
  const images = listImages(request);
  if (images.length === 0) return request;
  const findText = (image: ImageBlock): Loss | undefined => {
    const text = descriptions?.get(image);
    return text === undefined ? findLoss(image, refused) : { text };
  };
  const unread = new Map(images.map((image) => [image, findText(image)] as const));
  const rest = images.filter((image) => unread.get(image) === undefined);
  const spare = refused.max === undefined ? [] : rest.slice(0, Math.max(0, rest.length - refused.max));
  for (const image of spare) unread.set(image, tooMany(refused.max ?? 0));
  const losses = new Set([...unread.values()].flatMap((loss) => loss?.log ?? []));
  for (const words of losses) note(words);
  return leaveOutImages(request, (image) => unread.get(image)?.text);
}

/** An image's identity, which is not reversible. */
export function digestOf({ source }: ImageBlock): string {
  switch (source.type) {
    case "base64":
      return Bun.hash(source.data).toString(36);
    case "url":
      return Bun.hash(source.url).toString(36);
    case "file":
      return Bun.hash(source.file_id).toString(36);
    default:
      return source satisfies never;
  }
}

/** All images of the conversation, in order, those in results and documents included. */
export function listImages({ messages }: Pick<MessagesRequest, "messages">): ImageBlock[] {
  const images: ImageBlock[] = [];
  const collect = (block: RequestBlock | ResultBlock): void => {
    if (block.type === "image") images.push(block);
    else if (block.type === "tool_result") block.content?.forEach(collect);
    else if (block.type === "document" && block.source.type === "content")
      block.source.content.forEach(collect);
  };
  for (const message of messages) message.content.forEach(collect);
  return images;
}

/**
 * The request with text in place of images.
 *
 * @param textFor what takes the place of an image; undefined keeps it
 */
export function leaveOutImages(
  request: MessagesRequest,
  textFor: (image: ImageBlock) => string | undefined,
): MessagesRequest {
  let hasChanged = false;
  const swap = <Block extends RequestBlock | ResultBlock>(block: Block): Block | TextBlock => {
    if (block.type === "image") {
      const text = textFor(block);
      if (text === undefined) return block;
      hasChanged = true;
      return { type: "text", text, ...(block.cache_control && { cache_control: block.cache_control }) };
    }
    if (block.type === "tool_result" && block.content)
      return { ...block, content: block.content.map((part) => swap(part)) };
    if (block.type === "document" && block.source.type === "content")
      return {
        ...block,
        source: { ...block.source, content: block.source.content.map((part) => swap(part)) },
      };
    return block;
  };
  const messages = request.messages.map((message) => ({
    ...message,
    content: message.content.map((block) => swap(block)),
  }));
  return hasChanged ? { ...request, messages } : request;
}

type TextBlock = Extract<RequestBlock, { type: "text" }>;

type Loss = {
  /** What the model reads instead of the image. */
  readonly text: string;
  /** For the log, unless it is there already. */
  readonly log?: string;
};

function findLoss(image: ImageBlock, refused: RefusedImages): Loss | undefined {
  if (refused.all) return unseen;
  const format = findUnreadable(image);
  if (format !== undefined) return unreadable(format);
  return refused.has?.(digestOf(image)) ? refusedImage : undefined;
}

/** The format of an image, if it is one that no model reads. */
export function findUnreadable({ source }: ImageBlock): string | undefined {
  const format = source.type === "base64" ? findFileFormat(source.data) : undefined;
  return format?.imageType === undefined ? format?.name : undefined;
}

/** For a model without vision. */
const unseen: Loss = {
  text:
    "[An image was left out: this model cannot see images. Whoever runs the proxy can set VISION_MODEL to have them " +
    "described. Tell the user.]",
  log: "left out images, because the model cannot see them; VISION_MODEL can name one that describes them",
};

/** For an image in which the backend found a fault. */
export const refusedImage: Loss = {
  text: "[An image was left out: it could not be read. Tell the user.]",
  log: "left out an image that the backend refused before",
};

function unreadable(format: string): Loss {
  return {
    text:
      `[An image was left out: it is a file of the format ${format}, and only PNG, JPEG, GIF and WebP can be read. ` +
      "Convert it, or read it in another way. Tell the user.]",
    log: `left out an image of the format ${format}`,
  };
}

/** @param max how many the backend takes */
export function tooMany(max: number): Loss {
  return {
    text: `[An image was left out: at most ${max} can be shown at once, and later ones took its place.]`,
    log: `left out images beyond the last ${max}`,
  };
}

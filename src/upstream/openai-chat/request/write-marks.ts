/** Writes which beginnings of the prompt the backend is to keep in its cache. */
import type { Quirks } from "../../../catalog/quirks.ts";
import type { CacheControl, ContentPart, TextPart } from "../../content/parts.ts";
import type { ChatMessage, ChatTool, ThinkingPart } from "../wire.ts";

/** OpenRouter and Anthropic accept no more. */
const maxMarks = 4;

/** The mark of each part and tool that keeps or gets one. */
type Marks = Map<TextPart | ChatTool, CacheControl>;

type Fields = {
  messages: ChatMessage[];
  tools?: ChatTool[];
  /** OpenRouter: automatic caching. */
  cache_control?: CacheControl;
};

/**
 * The prompt with its last marks, which cover the longest prefixes, in the backend's form.
 *
 * @param whole the client asks to cache the whole prompt, wherever that ends by now
 */
export function writeMarks(
  { messages, tools }: Pick<Fields, "messages" | "tools">,
  whole: CacheControl | null | undefined,
  { automatic, breakpoints }: Quirks["caching"],
): Fields {
  const marks: Marks = new Map();
  const texts = messages.flatMap(textsOf);
  for (const holder of [...(tools ?? []), ...texts])
    if (holder.cache_control) marks.set(holder, holder.cache_control);
  const last = texts.at(-1);
  if (whole && !automatic && last && !last.cache_control) marks.set(last, whole);
  const isAutomatic = whole != null && automatic;
  // Automatic caching takes the place of one mark.
  const max = isAutomatic ? maxMarks - 1 : maxMarks;
  for (const holder of [...marks.keys()].slice(0, -max)) marks.delete(holder);
  return {
    messages: messages.map((message) => markMessage(message, marks, breakpoints)),
    ...(tools && { tools: tools.map((tool) => markTool(tool, marks, breakpoints)) }),
    ...(isAutomatic && { cache_control: whole }),
  };
}

function textsOf({ content }: ChatMessage): TextPart[] {
  return Array.isArray(content) ? content.filter((part) => part.type === "text") : [];
}

/** The very same message if its marks stay as they are. */
function markMessage(message: ChatMessage, marks: Marks, breakpoints: boolean): ChatMessage {
  const mark = (text: TextPart) => markText(text, marks, breakpoints);
  if (typeof message.content === "string" || message.content === null) return message;
  if (textsOf(message).every((text) => mark(text) === text)) return message;
  switch (message.role) {
    case "system":
    case "developer":
      return { ...message, content: message.content.map(mark) };
    case "user":
    case "tool":
      return { ...message, content: mapTexts(message.content, mark) };
    case "assistant":
      return { ...message, content: mapTexts(message.content, mark) };
    default:
      return message satisfies never;
  }
}

function mapTexts<Part extends ContentPart | ThinkingPart>(
  parts: readonly Part[],
  change: (text: TextPart) => TextPart,
): (Part | TextPart)[] {
  return parts.map((part) => (part.type === "text" ? change(part) : part));
}

function markText(part: TextPart, marks: Marks, breakpoints: boolean): TextPart {
  const mark = marks.get(part);
  const { cache_control: before, ...unmarked } = part;
  if (mark && breakpoints) return { ...unmarked, prompt_cache_breakpoint: { mode: "explicit" } };
  if (mark === before) return part;
  return mark ? { ...unmarked, cache_control: mark } : unmarked;
}

/** Breakpoints are not for tools. */
function markTool(tool: ChatTool, marks: Marks, breakpoints: boolean): ChatTool {
  if (!tool.cache_control || (marks.has(tool) && !breakpoints)) return tool;
  const { cache_control, ...unmarked } = tool;
  return unmarked;
}

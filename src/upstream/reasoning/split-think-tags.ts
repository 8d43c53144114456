/**
 * Separates reasoning that a server leaves in the text as `<think>…</think>` or in another model's tags. Only a tag at
 * the start of the answer counts; the same word later, or inside code, is text.
 */

export type Piece = { readonly kind: "text" | "thinking"; readonly text: string };

/** How models begin reasoning, and how they end it. The last two are Magistral's and Kimi's. */
const tags: readonly (readonly [opening: string, closing: string])[] = [
  ...["think", "thinking", "thought", "thoughts", "reasoning", "reason", "seed:think"].map(
    (name) => [`<${name}>`, `</${name}>`] as const,
  ),
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
];

/** An answer that begins with another letter begins with no tag. */
const firstLetters: ReadonlySet<string> = new Set(tags.map(([opening]) => opening.charAt(0)));

export class ThinkTagSplitter {
  state: "start" | "thinking" | "after" | "text" = "start";
  /** The tag that ends the reasoning. */
  closing = "";
  held = "";
  /** Something other than white space has come. */
  hasBegun = false;

  push(text: string): Piece[] {
    return this.state === "text" ? piece("text", text) : read(this, text, false);
  }

  /** The text has ended: returns what was held back as a possible partial tag. */
  end(): Piece[] {
    return read(this, "", true);
  }
}

function read(splitting: ThinkTagSplitter, text: string, isLast: boolean): Piece[] {
  splitting.held += text;
  switch (splitting.state) {
    case "start":
      return readStart(splitting, text, isLast);
    case "thinking":
      return readThinking(splitting, isLast);
    case "after":
      // The blank lines after the closing tag come from the template.
      splitting.held = splitting.held.trimStart();
      return splitting.held === "" ? [] : readText(splitting);
    case "text":
      return readText(splitting);
    default:
      return splitting.state satisfies never;
  }
}

function readStart(splitting: ThinkTagSplitter, text: string, isLast: boolean): Piece[] {
  // Searching all white space so far again for each piece would be quadratic.
  splitting.hasBegun ||= /\S/.test(text);
  if (!splitting.hasBegun && !isLast) return [];
  const begun = splitting.held.trimStart();
  if (begun !== "" && !firstLetters.has(begun.charAt(0))) return readText(splitting);
  const tag = tags.find(([opening]) => begun.startsWith(opening));
  if (tag !== undefined) {
    splitting.state = "thinking";
    splitting.closing = tag[1];
    splitting.held = "";
    return read(splitting, begun.slice(tag[0].length), isLast);
  }
  const isOpen = begun === "" || tags.some(([opening]) => opening.startsWith(begun));
  return isOpen && !isLast ? [] : readText(splitting);
}

function readThinking(splitting: ThinkTagSplitter, isLast: boolean): Piece[] {
  const { held, closing } = splitting;
  const end = held.indexOf(closing);
  if (end !== -1) {
    splitting.state = "after";
    splitting.held = "";
    const rest = read(splitting, held.slice(end + closing.length), isLast);
    return [...piece("thinking", held.slice(0, end)), ...rest];
  }
  const half = isLast ? 0 : halfTagLength(held, closing);
  splitting.held = held.slice(held.length - half);
  return piece("thinking", held.slice(0, held.length - half));
}

function readText(splitting: ThinkTagSplitter): Piece[] {
  const text = splitting.held;
  splitting.state = "text";
  splitting.held = "";
  return piece("text", text);
}

function piece(kind: Piece["kind"], text: string): Piece[] {
  return text === "" ? [] : [{ kind, text }];
}

/** How many characters at the end of `text` could begin `tag`. */
function halfTagLength(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

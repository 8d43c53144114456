/**
 * Separates reasoning that a server leaves in the text as `<think>…</think>`. Only a tag at the start of the answer
 * counts; the same word later, or inside code, is text.
 */

export type Piece = { readonly kind: "text" | "thinking"; readonly text: string };

export type ThinkTagSplitter = {
  push(text: string): Piece[];
  /** The text has ended: returns what was held back as a possible partial tag. */
  end(): Piece[];
};

const tags = ["think", "thinking", "thought"] as const;

export function createThinkTagSplitter(): ThinkTagSplitter {
  let state: "start" | "thinking" | "after" | "text" = "start";
  let closing = "";
  let held = "";
  let hasBegun = false;

  function read(text: string, isLast: boolean): Piece[] {
    held += text;
    // Searching all white space so far again for each piece would be quadratic.
    if (state === "start" && !isLast && text.trim() === "" && !hasBegun) return [];
    hasBegun ||= text.trim() !== "";
    switch (state) {
      case "start": {
        const begun = held.trimStart();
        const tag = tags.find((name) => begun.startsWith(`<${name}>`));
        if (tag !== undefined) {
          state = "thinking";
          closing = `</${tag}>`;
          held = "";
          return read(begun.slice(tag.length + 2), isLast);
        }
        if (!isLast && (begun === "" || tags.some((name) => `<${name}>`.startsWith(begun)))) return [];
        state = "text";
        return piece("text", take());
      }
      case "thinking": {
        const end = held.indexOf(closing);
        if (end !== -1) {
          const thought = piece("thinking", held.slice(0, end));
          const rest = held.slice(end + closing.length);
          state = "after";
          held = "";
          return [...thought, ...read(rest, isLast)];
        }
        const half = isLast ? 0 : halfTagLength(held, closing);
        const ready = held.slice(0, held.length - half);
        held = held.slice(held.length - half);
        return piece("thinking", ready);
      }
      case "after": {
        // The blank lines after the closing tag come from the template.
        held = held.trimStart();
        if (held === "") return [];
        state = "text";
        return piece("text", take());
      }
      case "text":
        return piece("text", take());
      default:
        return state satisfies never;
    }
  }

  function take(): string {
    const text = held;
    held = "";
    return text;
  }

  return {
    push: (text) => (state === "text" ? piece("text", text) : read(text, false)),
    end: () => read("", true),
  };
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

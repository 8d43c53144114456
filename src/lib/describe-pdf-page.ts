/** What stands on a page of a PDF beside its text, and what its text lacks. */

/** What pdf.js says of an annotation, as far as it is read here. */
type Annotation = {
  readonly fieldName?: unknown;
  readonly alternativeText?: unknown;
  readonly fieldValue?: unknown;
  readonly hidden?: unknown;
  readonly contentsObj?: { readonly str?: unknown };
};

/** What was typed or chosen in the fields of a form, and what notes say; both lie beside the page's text. */
export function describeAnnotations(annotations: readonly Annotation[]): string {
  const lines = annotations.flatMap(({ fieldName, alternativeText, fieldValue, hidden, contentsObj }) => {
    if (hidden === true) return [];
    const value = (Array.isArray(fieldValue) ? fieldValue : [fieldValue])
      .filter((each) => typeof each === "string" && each !== "")
      .join(", ");
    const name = [alternativeText, fieldName].find((each) => typeof each === "string" && each !== "");
    if (value !== "") return [`${typeof name === "string" ? name : "Field"}: ${value}`];
    const note = contentsObj?.str;
    return typeof note === "string" && note.trim() !== "" ? [`Note: ${note.trim()}`] : [];
  });
  return [...new Set(lines)].join("\n");
}

/** Control characters, private use, and the replacement character: the font does not say which letters it draws. */
const unknownLetters = /(?:(?!\s)[\p{Cc}\p{Co}\ufffd])+/gu;

/** Beyond this share of unknown letters, a page cannot be understood. */
const maxUnknownShare = 0.2;
/** Fewer unknown letters together are bullets and symbols; more are words. */
const minUnknownWord = 3;

/** Says so on a page on which words have no Unicode, and leaves them out. */
export function markUnreadable(text: string): string {
  const unknown = text.match(unknownLetters) ?? [];
  const lengths = unknown.map(({ length }) => length);
  const share = lengths.reduce((sum, length) => sum + length, 0) / text.replace(/\s+/g, "").length;
  const hasWords = lengths.some((length) => length >= minUnknownWord);
  if (!(share > maxUnknownShare) && !hasWords) return text;
  const part = share > maxUnknownShare ? "Much" : "Some";
  const mark = `[${part} of this page cannot be read: its font does not say which letters it draws. Tell the user.]`;
  return `${mark}\n${text.replace(unknownLetters, "").replace(/\s+\n/g, "\n")}`;
}

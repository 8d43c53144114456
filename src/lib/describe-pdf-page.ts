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

/** Beyond this share of letters that are none, the page's font does not say which letters it draws. */
const maxUnknown = 0.2;

/** Says so on a page whose letters have no Unicode: control characters, private use, or the replacement character. */
export function markUnreadable(text: string): string {
  const letters = text.replace(/\s+/g, "");
  const unknown = letters.match(/[\p{Cc}\p{Co}\ufffd]/gu)?.length ?? 0;
  if (unknown <= maxUnknown * letters.length) return text;
  return `[Much of this page cannot be read: its font does not say which letters it draws. Tell the user.]\n${text.replace(/[^\S\n]*[\p{Cc}\p{Co}\ufffd](?<!\n)/gu, "")}`;
}

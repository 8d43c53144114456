/** What stands on a page of a PDF beside its text, and what its text lacks. */
import { isObject } from "./json.ts";

/** What pdf.js says of an annotation, as far as it is read here. */
type Annotation = {
  readonly fieldName?: unknown;
  readonly alternativeText?: unknown;
  readonly fieldValue?: unknown;
  /** What can be chosen. */
  readonly options?: unknown;
  readonly hidden?: unknown;
  /** Where a link leads. */
  readonly url?: unknown;
  readonly contentsObj?: { readonly str?: unknown };
};

/** What was typed or chosen in the fields of a form, what notes say, and where links lead: it lies beside the text. */
export function describeAnnotations(annotations: readonly Annotation[]): string {
  return [...new Set(annotations.flatMap(describeAnnotation))].join("\n");
}

function describeAnnotation(annotation: Annotation): string[] {
  const { fieldName, alternativeText, fieldValue, hidden, contentsObj, url } = annotation;
  if (hidden === true) return [];
  const value = (Array.isArray(fieldValue) ? fieldValue : [fieldValue])
    .filter((each) => typeof each === "string" && each !== "")
    .map((each) => findLabel(annotation, each))
    .join(", ");
  const name = [alternativeText, fieldName].find((each) => typeof each === "string" && each !== "");
  if (value !== "") return [`${typeof name === "string" ? name : "Field"}: ${value}`];
  const note = contentsObj?.str;
  return [
    ...(typeof note === "string" && note.trim() !== "" ? [`Note: ${note.trim()}`] : []),
    ...(typeof url === "string" ? [`Link: ${url}`] : []),
  ];
}

/** What a reader sees of a choice, whose value may be only a code. */
function findLabel({ options }: Annotation, value: unknown): unknown {
  const chosen: unknown = Array.isArray(options)
    ? options.find((option: unknown) => isObject(option) && option.exportValue === value)
    : undefined;
  return isObject(chosen) && typeof chosen.displayValue === "string" ? chosen.displayValue : value;
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

/** Checks whether a text could still become one JSON object. */

/** Whatever may be missing at the point of truncation: the end of a string, an escape, a word, a member. */
const missingEnds = [
  "",
  '"',
  '":0',
  ":0",
  "0",
  '"":0',
  ...['\\"', '0"', '00"', '000"', '0000"'].flatMap((end) => [end, `${end}:0`]),
  ...["true", "false", "null"].flatMap((word) => [...word].map((_, cut) => word.slice(cut))),
];

/** Whether `text` begins a JSON object but is not a complete one. */
export function isProperObjectPrefix(text: string): boolean {
  if (text.trim() === "") return true;
  if (!text.trimStart().startsWith("{") || isJson(text)) return false;
  const closers = findClosers(text);
  return missingEnds.some((end) => isJson(text + end + closers));
}

/** The brackets still open, outside strings. */
function findClosers(text: string): string {
  const open: string[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\]]/gs)) {
    if (token === "{") open.unshift("}");
    else if (token === "[") open.unshift("]");
    else if (token === "}" || token === "]") open.shift();
  }
  return open.join("");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes secrets from a recorded answer. Works string by string, because a mask inside JSON must not swallow a
 * quotation mark, and across the events of a stream, because a model spells a key in pieces.
 */
import { asObject, isObject, parseJson } from "../../../lib/json.ts";

type Clean = (text: string) => string;

/**
 * The body unchanged if it contains no secret. In a text with a secret, the first event gets all of the cleaned text.
 */
export function cleanBody(body: string, clean: Clean): string {
  const whole = parseJson(body);
  if (isObject(whole)) return writeUnlessSame(body, whole, mapTexts(whole, clean));
  const lines = body.split("\n").map((line) => ({ line, event: readEvent(line) }));
  const spelled = new Map<string, string>();
  for (const { event } of lines)
    mapEvent(event, (text, place) => {
      if (isDelta(place)) spelled.set(place, (spelled.get(place) ?? "") + text);
      return text;
    });
  const written = new Set<string>();
  const cleanPiece = (text: string, place: string): string => {
    const all = spelled.get(place) ?? "";
    if (!isDelta(place) || clean(all) === all) return clean(text);
    if (written.has(place)) return "";
    written.add(place);
    return clean(all);
  };
  return lines
    .map(({ line, event }) =>
      event ? writeUnlessSame(line, event, mapEvent(event, cleanPiece), "data: ") : clean(line),
    )
    .join("\n");
}

function readEvent(line: string): object | undefined {
  return line.startsWith("data:") ? asObject(parseJson(line.slice("data:".length))) : undefined;
}

/** A delta of chat completions is an object, one of `/responses` a text. */
function isDelta(place: string): boolean {
  return place.includes(".delta.") || place.endsWith(".delta");
}

/** Events of `/responses` say at their top which item and part they continue. */
function mapEvent(event: unknown, change: (text: string, place: string) => string): unknown {
  const { type, output_index, content_index, summary_index } = asObject(event) ?? {};
  const isPiece = typeof type === "string" && type.endsWith(".delta");
  const place = isPiece ? [type, output_index, content_index, summary_index].join(" ") : "";
  return mapTexts(event, change, place);
}

/** A copy with other strings. `place` is the same for a string that continues in the next event. */
function mapTexts(value: unknown, change: (text: string, place: string) => string, place = ""): unknown {
  if (typeof value === "string") return change(value, place);
  if (Array.isArray(value))
    return value.map((item, at) => mapTexts(item, change, `${place}.${asObject(item)?.index ?? at}`));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapTexts(item, change, `${place}.${name}`)]),
  );
}

function writeUnlessSame(text: string, before: unknown, after: unknown, prefix = ""): string {
  const written = JSON.stringify(after);
  return written === JSON.stringify(before) ? text : `${prefix}${written}`;
}

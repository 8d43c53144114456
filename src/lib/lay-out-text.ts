/**
 * Puts the pieces of text on a page into reading order, whatever the order in which they were drawn: lines from top to
 * bottom, and what stands side by side in columns, as it does on paper. Rows of a table stay rows.
 */

/** A run of letters on a page, in units of the page; y grows upwards. */
export type PlacedText = {
  readonly text: string;
  /** Where the baseline begins; the top for letters below one another. */
  readonly x: number;
  readonly y: number;
  /** Height of the letters. */
  readonly size: number;
  /** Length along the direction of reading. */
  readonly length: number;
  /** Direction of reading in degrees: 0 to the right, 90 upwards. Lines follow one another a right angle clockwise. */
  readonly angle: number;
  readonly isRightToLeft: boolean;
};

/** A piece turned so that it reads to the right. */
type TurnedText = {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly middle: number;
  readonly size: number;
  readonly isRightToLeft: boolean;
};

/** Pieces of one line with at most a space between them. */
type Segment = { readonly text: string; readonly start: number; readonly end: number };

type Line = { readonly middle: number; readonly segments: readonly Segment[] };

/** Pieces that differ by less are turned alike: a scan is never quite straight. Degrees. */
const angleStep = 15;
/** Share of the letters' height by which the middles of pieces on one line may differ, as in exponents. */
const maxLineOffset = 0.6;
/** Gaps between pieces, as shares of the letters' height: from the first on a space, from the second on a column. */
const [minSpace, minColumnGap] = [0.1, 1];
/** Letters drawn again within this share of their height are one letter, printed bold. */
const maxDoubleOffset = 0.2;
/** A line further away than this many usual distances begins a paragraph. */
const minParagraphDistance = 1.5;
/** The least space between two columns, letters. */
const columnSpace = 2;
/** Beyond this column, letters are no longer lined up. */
const maxColumn = 400;

/** @param maxCharacters of the result; it may end within a line */
export function layOutText(placed: readonly PlacedText[], maxCharacters: number): string {
  const turned = Map.groupBy(placed, ({ angle }) => {
    const steps = Math.round(angle / angleStep);
    return (steps * angleStep + 360) % 360;
  });
  const byWeight = [...turned].toSorted(([, a], [, b]) => countLetters(b) - countLetters(a));
  let text = "";
  for (const [angle, group] of byWeight) {
    if (text.length >= maxCharacters) break;
    const block = writeLines(findLines(group.flatMap((each) => turn(each, angle))), maxCharacters);
    text += text !== "" && block !== "" ? `\n\n${block}` : block;
  }
  return text.slice(0, maxCharacters);
}

function countLetters(pieces: readonly { readonly text: string }[]): number {
  return pieces.reduce((sum, { text }) => sum + text.length, 0);
}

/** The piece without the space around its letters; nothing if that is all. */
function turn({ text, x, y, size, length, isRightToLeft }: PlacedText, angle: number): readonly TurnedText[] {
  const letters = text.trim();
  if (letters === "") return [];
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const letterLength = length / text.length;
  const start = x * cos + y * sin + text.indexOf(letters) * letterLength;
  const end = start + letters.length * letterLength;
  return [{ text: letters, start, end, middle: y * cos - x * sin + size / 3, size, isRightToLeft }];
}

function findLines(pieces: readonly TurnedText[]): readonly Line[] {
  const lines: { tallest: TurnedText; readonly pieces: TurnedText[] }[] = [];
  for (const piece of pieces.toSorted((a, b) => b.middle - a.middle)) {
    const line = lines.at(-1);
    const maxOffset = maxLineOffset * Math.min(piece.size, line?.tallest.size ?? 0);
    if (!line || line.tallest.middle - piece.middle > maxOffset) {
      lines.push({ tallest: piece, pieces: [piece] });
      continue;
    }
    line.pieces.push(piece);
    if (piece.size > line.tallest.size) line.tallest = piece;
  }
  return lines.map(({ tallest, pieces }) => ({ middle: tallest.middle, segments: joinPieces(pieces) }));
}

function joinPieces(line: readonly TurnedText[]): readonly Segment[] {
  const segments: { readonly start: number; end: number; readonly pieces: TurnedText[] }[] = [];
  let last: TurnedText | undefined;
  for (const piece of line.toSorted((a, b) => a.start - b.start)) {
    if (last && isDouble(piece, last)) continue;
    last = piece;
    const segment = segments.at(-1);
    if (!segment || piece.start - segment.end > minColumnGap * piece.size) {
      segments.push({ start: piece.start, end: piece.end, pieces: [piece] });
      continue;
    }
    segment.pieces.push(piece);
    segment.end = Math.max(segment.end, piece.end);
  }
  return segments.map(({ start, end, pieces }) => ({ start, end, text: joinLetters(pieces) }));
}

function isDouble(piece: TurnedText, last: TurnedText): boolean {
  const near = maxDoubleOffset * piece.size;
  return (
    piece.text === last.text && piece.start - last.start < near && Math.abs(piece.middle - last.middle) < near
  );
}

function joinLetters(pieces: readonly TurnedText[]): string {
  const spaced = pieces.map((piece, i) => {
    const before = pieces[i - 1];
    const isApart = before !== undefined && piece.start - before.end > minSpace * piece.size;
    return { text: piece.text, space: isApart ? " " : "" };
  });
  const rightToLeft = pieces.filter((piece) => piece.isRightToLeft);
  if (countLetters(rightToLeft) * 2 > countLetters(pieces))
    return spaced.reduceRight((line, { text, space }) => line + text + space, "");
  return spaced.reduce((line, { text, space }) => line + space + text, "");
}

function writeLines(lines: readonly Line[], maxCharacters: number): string {
  const columns = findColumns(lines.flatMap(({ segments }) => segments));
  const distances = lines.slice(1).map(({ middle }, i) => (lines[i]?.middle ?? middle) - middle);
  const usual = distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 0;
  let text = "";
  for (const [i, { segments }] of lines.entries()) {
    if (text.length >= maxCharacters) break;
    if (i > 0) text += (distances[i - 1] ?? 0) > minParagraphDistance * usual ? "\n\n" : "\n";
    let line = "";
    for (const segment of segments) {
      if (line !== "") line += " ".repeat(columnSpace);
      line = line.padEnd(columns.get(segment) ?? 0) + segment.text;
    }
    text += line;
  }
  return text;
}

/**
 * The column at which each segment begins. One that begins to the right of another one, on whatever line, gets a column
 * to the right of it, so that columns of a table stay apart.
 */
function findColumns(segments: readonly Segment[]): ReadonlyMap<Segment, number> {
  const byStart = segments.toSorted((a, b) => a.start - b.start);
  const byEnd = segments.toSorted((a, b) => a.end - b.end);
  const letters = countLetters(segments);
  const letterLength = segments.reduce((sum, { start, end }) => sum + end - start, 0) / letters;
  const left = byStart[0]?.start ?? 0;
  const columns = new Map<Segment, number>();
  let ended = 0;
  let free = 0;
  for (const segment of byStart) {
    for (let each = byEnd[ended]; each && each.end <= segment.start; each = byEnd[++ended])
      free = Math.max(free, (columns.get(each) ?? 0) + each.text.length + columnSpace);
    const place = letterLength > 0 ? Math.round((segment.start - left) / letterLength) : 0;
    columns.set(segment, Math.min(maxColumn, Math.max(place, free)));
  }
  return columns;
}

/** Splits a prompt into units: pieces that are kept or dropped as a whole. */
import { contextTags } from "../../catalog/claude-code/claude-code.ts";
import { furtherHeading, type SectionRule, sectionRules, type Treatment } from "./prompt-sections.ts";

export type Unit = {
  readonly treatment: Treatment | "cut";
  /** The text as it will be sent. */
  readonly text: string;
  /** The text between it and the previous unit. */
  readonly gap: "\n" | "\n\n";
  /** The first line of its part, for the log; empty before the first part. */
  readonly part: string;
  /** The rule of its part; several parts may follow the same one. */
  readonly rule: SectionRule | undefined;
  /** Its place in its part; the first one begins with the heading. */
  readonly place: number;
  /** The heading that the unit gets if the one of its part is replaced. */
  readonly heading: string;
};

type Line = {
  readonly text: string;
  /** A fence or a tagged block keeps this line together with the previous one. */
  readonly isHeld: boolean;
  /** The tag of the block that contains the line. */
  readonly tag: string | undefined;
};

type Part = { readonly rule: SectionRule | undefined; readonly level: number; readonly lines: Line[] };

/** Joined with their gaps, units with the treatment `keep` appear in the text unchanged. */
export function splitPrompt(text: string): Unit[] {
  return splitParts(text.split("\n")).flatMap(splitPart);
}

/** Where the client keeps its notes, if this unit says so. */
export function findMemory({ rule, text }: Unit): string | undefined {
  return rule?.namesMemory ? /`([^`\n]*[/\\][^`\n]*)`/.exec(text)?.[1] : undefined;
}

const headingLevel = (line: string): number => /^(#{1,6}) \S/.exec(line)?.[1]?.length ?? 0;

/** Finds the lines that look like structure and are not: those in fences and in tagged blocks. */
function readLines(lines: readonly string[]): Line[] {
  const closings = lastClosings(lines);
  const fences = lastFences(lines);
  let fence: string | undefined;
  let tag: string | undefined;
  return lines.map((line, at) => {
    const isHeld = fence !== undefined || tag !== undefined;
    const inTag = tag;
    if (tag !== undefined) {
      if (line.includes(`</${tag}>`)) tag = undefined;
    } else if (fence !== undefined) {
      const end = /^\s*(`{3,}|~{3,})\s*$/.exec(line)?.[1];
      if (end?.startsWith(fence)) fence = undefined;
    } else {
      const marks = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
      fence = marks !== undefined && (fences.get(marks.charAt(0)) ?? -1) > at ? marks : undefined;
      const opened = /^<([a-z][\w-]*)(?:\s[^>]*)?>/i.exec(line)?.[1];
      if (opened !== undefined && (closings.get(opened) ?? -1) >= at) {
        if (!line.includes(`</${opened}>`)) tag = opened;
        return { text: line, isHeld: false, tag: opened };
      }
    }
    return { text: line, isHeld, tag: inTag };
  });
}

/** Tag → the last line that closes it. A tag that is never closed opens no block. */
function lastClosings(lines: readonly string[]): Map<string, number> {
  const closings = new Map<string, number>();
  for (const [at, line] of lines.entries())
    for (const [, tag] of line.matchAll(/<\/([a-z][\w-]*)>/gi)) if (tag !== undefined) closings.set(tag, at);
  return closings;
}

/** Fence mark → the last line that may close such a fence. */
function lastFences(lines: readonly string[]): Map<string, number> {
  const fences = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    const mark = /^\s*(`|~)\1{2,}\s*$/.exec(line)?.[1];
    if (mark !== undefined) fences.set(mark, at);
  }
  return fences;
}

/** A longer line, in characters, opens no part. A path and a remark fit in it, and matching stays fast. */
const maxOpeningLength = 1000;

function splitParts(texts: readonly string[], isBelow = false): Part[] {
  let part: Part = { rule: undefined, level: 0, lines: [] };
  const parts = [part];
  let isBelowEnvironment = isBelow;
  for (const [at, line] of readLines(texts).entries()) {
    const isFree = !line.isHeld && line.tag === undefined && part.rule?.extent !== "rest";
    const text = line.text.length <= maxOpeningLength ? line.text.trimEnd() : "";
    const level = isFree ? headingLevel(text) : 0;
    const rule = sectionRules.find(
      ({ begins, anywhere }) => (anywhere || !isBelowEnvironment) && begins.test(text),
    );
    const isKept = line.tag !== undefined && contextTags.has(line.tag);
    if (!isFree && !isKept && rule?.treatment === "keep" && part.rule?.treatment === "drop") {
      // A block that is never closed must not drag the protected parts with it.
      return [...parts, ...splitParts(texts.slice(at), isBelowEnvironment)];
    }
    const isInside = rule === undefined && part.rule?.extent === "chapter" && level > part.level;
    if (isFree && (rule || (level > 0 && !isInside))) {
      part = { rule, level, lines: [] };
      parts.push(part);
      isBelowEnvironment ||= rule?.treatment === "keep";
    }
    part.lines.push(line);
  }
  return parts;
}

/** Maximum characters of a part's name, taken from its first line. */
const maxNameLength = 60;

function splitPart({ rule, lines }: Part): Unit[] {
  const first = lines[0]?.text.trimEnd() ?? "";
  const part = rule || headingLevel(first) > 0 ? first.slice(0, maxNameLength) : "";
  const heading = rule?.extent === "paragraph" ? furtherHeading : part && first;
  const about = { part, rule, heading };
  if (rule?.treatment === "keep")
    return [{ ...about, place: 0, treatment: "keep", text: trimLines(lines), gap: "\n\n" }];
  const units: Unit[] = [];
  for (const paragraph of splitParagraphs(lines)) {
    const treatment = rule?.treatment ?? "cut";
    const tag = paragraph.lines[0]?.tag;
    // Context is kept even inside a dropped part; elsewhere, so is any tagged block.
    const isKept = tag !== undefined && (contextTags.has(tag) || treatment !== "drop");
    units.push({
      ...about,
      treatment: isKept ? "keep" : treatment,
      text: isKept ? trimLines(paragraph.lines) : collapseSpace(paragraph.lines),
      // A part begins after a blank line.
      gap: units.length === 0 ? "\n\n" : paragraph.gap,
      place: units.length,
    });
  }
  return units.filter(({ text }) => text !== "");
}

type Paragraph = { readonly lines: Line[]; readonly gap: Unit["gap"] };

/** A unit ends at a blank line, before a list item, and around a tagged block. A heading belongs to what follows. */
function splitParagraphs(lines: readonly Line[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let open: Line[] | undefined;
  let wasBlank = true;
  for (const line of lines) {
    const last = open?.at(-1);
    const isOnlyHeading = open?.every(({ text }) => headingLevel(text) > 0 || isBlank(text)) === true;
    if (!line.isHeld && isBlank(line.text)) {
      if (!isOnlyHeading) open = undefined;
      else if (!wasBlank) open?.push(line);
      wasBlank = true;
      continue;
    }
    const isItem = /^\s*(?:[-*+•]|\d+[.)]) /.test(line.text) && !isOnlyHeading;
    const isApart = isItem || line.tag !== undefined || last?.tag !== undefined;
    if (open === undefined || (isApart && !line.isHeld)) {
      open = [];
      paragraphs.push({ lines: open, gap: wasBlank ? "\n\n" : "\n" });
    }
    open.push(line);
    wasBlank = false;
  }
  return paragraphs;
}

const isBlank = (text: string): boolean => text.trim() === "";

/** The lines unchanged, without surrounding blank lines. */
function trimLines(lines: readonly Line[]): string {
  const text = lines.map((line) => line.text).join("\n");
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}

/** Removes needless white space. Indentation has a meaning, and so may every space in a fence, a span or a path. */
function collapseSpace(lines: readonly Line[]): string {
  const squeezed = lines.map(({ text, isHeld }) => {
    if (isHeld) return text;
    const line = text.trimEnd();
    return /[`/\\]/.test(line) ? line : line.replace(/(?<=\S)[^\S\n]{2,}/g, " ");
  });
  while (lines[squeezed.length - 1]?.isHeld === false && squeezed.at(-1) === "") squeezed.pop();
  return squeezed.join("\n");
}

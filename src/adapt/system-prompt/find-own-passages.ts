/**
 * Which passages of a prompt are surely the client's own. A heading proves nothing: custom agents, output styles and
 * hooks have a "# System" or "# Memory" too. So each passage is compared with those that Claude Code is known to write,
 * and what is not among them belongs to the user and stays, even inside one of the client's parts.
 */
import { sectionRules } from "./prompt-sections.ts";
import type { Unit } from "./split-prompt.ts";

/** So many of the client's parts, in its order, are no accident, and no quotation. */
const minParts = 2;

/**
 * Identifies a passage by its words: 60 bits, so that two passages never share one by accident. Numbers, names of
 * files, addresses and models differ from session to session, and count as the same.
 */
export function fingerprintPassage(text: string): string {
  const words = text
    .replace(/`[^`\n]*[/\\][^`\n]*`/g, "`path`")
    .replace(/(?<![\w<])(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w.@-]+(?:[/\\][\w.@ -]*[\w.@-])*[/\\]?/g, "path")
    .replace(/\d+/g, "0")
    .replace(/\s+/g, " ")
    .trim();
  return Bun.CryptoHasher.hash("sha256", words, "base64url").slice(0, 10);
}

/**
 * The units that the client wrote. None, unless several of its parts begin with known passages and stand in its order.
 *
 * @param known the fingerprints of the client's passages
 */
export function findOwnPassages<Passage extends Unit>(
  units: readonly Passage[],
  known: ReadonlySet<string>,
): ReadonlySet<Passage> {
  const own = new Set(units.filter(({ text }) => known.has(fingerprintPassage(text))));
  const begun = units.filter((unit) => unit.place === 0 && unit.rule?.treatment === "drop" && own.has(unit));
  const order = begun.map(({ rule }) => (rule ? sectionRules.indexOf(rule) : -1));
  const isInOrder = order.every((row, at) => row > (order[at - 1] ?? -1));
  return order.length >= minParts && isInOrder ? own : new Set();
}

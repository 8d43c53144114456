/** Removes keys and tokens from text that a client or a log will see. */

const mask = "***";

/** Pattern → replacement. Each pattern keeps enough context to show what was removed. */
// A backslash ends every value: inside JSON it may precede a quotation mark that must stay escaped.
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)(\s+)[\w.~+/*-]{6,}=*/gi, `$1$2${mask}`],
  // Keys with a telling prefix: sk-…, gsk_…, xai-…, AIza…, hf_…
  [
    /(?<![\w-])(sk|rk|pk|gsk|csk|xai|hf|nvapi|pplx|fw|tgp|ghp|gho)([-_])[\w*-]{6,}(?:\.[\w*-]+)*/g,
    `$1$2${mask}`,
  ],
  [/\bAIza[\w-]{10,}/g, `AIza${mask}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, mask],
  [
    /([?&](?:api[-_]?key|key|(?:access[-_]?)?token|sig|signature|subscription-key)=)[^&\s"'<>#\\]+/gi,
    `$1${mask}`,
  ],
  [/((?:x-)?api[-_]?key["']?\s*[:=]\s*["']?)(?=[^\s"',}\\]*\d)[^\s"',}\\]{8,}/gi, `$1${mask}`],
];

/** Shorter secrets, and parts of secrets, would match inside ordinary words. */
const minSecretLength = 8;

/**
 * The text without anything that looks like a secret, and without the `known` secrets, whatever they look like: whole,
 * escaped as in JSON or a URL, with other spaces between their words, or only one of their words. Nothing shorter than 8
 * characters is removed.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of spellAll(known)) if (clean.includes(secret)) clean = clean.replaceAll(secret, mask);
  for (const secret of known) clean = removeSpaced(clean, secret);
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}

/** The ways in which the secrets of a list may appear. The log asks for those of the same list with every line. */
function spellAll(known: readonly string[]): readonly string[] {
  const spellings = allSpellings.get(known) ?? known.flatMap(spell);
  allSpellings.set(known, spellings);
  return spellings;
}

const allSpellings = new WeakMap<readonly string[], readonly string[]>();

/** The ways in which a secret may appear, longest first. */
function spell(secret: string): string[] {
  const trimmed = secret.trim();
  const spellings = [secret, trimmed, JSON.stringify(trimmed).slice(1, -1), encodeURIComponent(trimmed)];
  const unique = new Set([...spellings, ...trimmed.split(/\s+/)]);
  return [...unique]
    .filter((spelling) => spelling.length >= minSecretLength)
    .sort((a, b) => b.length - a.length);
}

function removeSpaced(text: string, secret: string): string {
  const words = secret.trim().split(/\s+/);
  if (words.length === 1 || secret.trim().length < minSecretLength) return text;
  return text.replace(new RegExp(words.map((word) => RegExp.escape(word)).join("\\s+"), "g"), mask);
}

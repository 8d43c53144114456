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

/**
 * The text without anything that looks like a secret, and without the `known` secrets, whatever they look like. Known
 * secrets shorter than 8 characters are kept, because they would match inside ordinary words.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) if (secret.length >= 8) clean = clean.replaceAll(secret, mask);
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}

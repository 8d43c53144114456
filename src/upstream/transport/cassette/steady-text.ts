/** Removes from text what changes from run to run and from checkout to checkout. */
import { reminders } from "../../../catalog/claude-code/claude-code.ts";
import { redact } from "../../../lib/redact.ts";

const weekday = "(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?";
const month =
  "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|" +
  "Nov(?:ember)?|Dec(?:ember)?)";
const clock = "\\d{1,2}:\\d\\d(?::\\d\\d)?(?: [AP]M)?(?: (?:[A-Z]{3,4}|[+-]\\d{4})\\b)?";

/** A line of `ls -l` up to the size: mode, links and owner depend on the checkout. */
const listed = "[-rwxsStT]{9}[.+@]? +\\d+ +\\S+ +\\S+";
const listedDate = ` +${month} +\\d{1,2} +(?:\\d\\d:\\d\\d|\\d{4})\\b`;

/** What changes from run to run, and its replacement. In order: a list contains dates, and dates contain times. */
const unsteady: readonly (readonly [RegExp, string])[] = [
  [reminders, ""],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "UUID"],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)?/g, "DATE"],
  [/^total \d+$/gm, ""],
  // The size of a directory itself says nothing.
  [new RegExp(`^d${listed} +\\d+${listedDate}`, "gm"), "d"],
  [new RegExp(`^([-lbcps])${listed} +(\\d+)${listedDate}`, "gm"), "$1 $2"],
  // As written by `date`, git, mail and people.
  [
    new RegExp(
      `\\b(?:${weekday},? +)?(?:${month} +\\d{1,2}|\\d{1,2} +${month})\\b(?:,? +(?:${clock}|\\d{4}\\b))*`,
      "g",
    ),
    "DATE",
  ],
  [new RegExp(`\\b${weekday}\\b`, "g"), "DAY"],
  [/\b\d\d:\d\d:\d\d(?:\.\d+)?\b/g, "TIME"],
  [/\b(?:\d+m ?)?\d+(?:\.\d+)? ?(?:[nµμ]s|ms|s|secs?|seconds?|minutes?)\b/g, "DURATION"],
  // Commits that the agent makes get new hashes each time.
  [/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b/g, "HASH"],
  [/(\blocalhost|\b127\.0\.0\.1|\[::1\]):\d{2,5}\b/g, "$1:PORT"],
  [/[ \t]+/g, " "],
  [/\s*\n\s*/g, "\n"],
];

/** What two runs of the same pipeline have in common if they say the same; for comparing, not for reading. */
export function steady(text: string): string {
  return unsteady.reduce((words, [pattern, name]) => words.replace(pattern, name), redact(text)).trim();
}

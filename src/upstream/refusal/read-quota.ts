/**
 * Tells a limit of a day, a plan or a free tier from one of a minute. A client waits out the latter; the former it
 * should report at once, instead of asking some thirty times in vain.
 */
import type { Fault } from "./read-fault.ts";

/** 403 is Kimi's and DashScope's; 0 is an error without a status. */
const statuses: ReadonlySet<number> = new Set([0, 400, 402, 403, 429, 503]);

const long = String.raw`(?:day|week|month|daily|weekly|monthly|session|\d+[- ]?h(?:ours?)?|\d+[- ]day)`;
const wordings: readonly RegExp[] = [
  // "tokens per day (TPD)", "free-models-per-day", "GenerateRequestsPerDayPerProject", a quota of Gemini
  /(?:per[-_ ]?|\/ ?)(?:day|week|month)\b|perday|\b[tr]pd\b/,
  // "weekly (7-day) usage limit", "daily free allocation", "Weekly/Monthly Limit Exhausted"
  new RegExp(String.raw`\b${long}\b.{0,30}\b(?:limit|quota|cap|allocation|allowance)\b`),
  new RegExp(
    String.raw`\b(?:limit|quota|cap|allocation|allowance|maximum)\b.{0,40}\b(?:(?:for|of|this|in) (?:\w+ )?${long}|for today)\b`,
  ),
  /\busage limit\b|\bfree (?:usage|tier|quota|allocat\w+)\b.{0,40}\b(?:exceed|exhaust|reach|used|limit)|\b(?:exceed|exhaust|reach)\w*.{0,30}\bfree (?:usage|tier|quota)/,
  /\b(?:quota|allowance)\b.{0,60}\b(?:reset|renew|refresh)/,
  /\b(?:out of|over) budget\b|\bbudget (?:has been |was )?(?:exceeded|exhausted|reached)|\bspend(?:ing)? (?:limit|cap)|\bhard limit/,
  /\b(?:insufficient|not enough|no) (?:account )?(?:balance|credits?|funds?|quota)\b|\bout of credits\b/,
  // "your prepaid balance has run out", "token quota exhausted", "you have used all of your credits", "the trial has
  // ended"
  /\b(?:credits?|balance|funds|quota|allowance|trial|subscription)\b(?: has| have| is| are| was| been| fully)* (?:exhausted|depleted|too low|insufficient|negative|empty|(?:run|ran) out|used up|ended|expired)/,
  /\bused (?:up )?all (?:of )?(?:the |your )?(?:\w+ )?(?:credits?|balance|quota|allowance)\b/,
  /\b(?:reached|exceeded|hit) (?:the |your )(?:\w+ )?plans? (?:\w+ )?limit/,
  /\bin arrears\b|\barrearage\b/,
  /每日|每天|每周|每月|余额不足|额度(?:已)?(?:用|耗)尽|欠费/,
];

/** A limit of a minute is named, so a wait helps. */
const short = /per[-_ ]?(?:second|sec|minute|min)\b|perminute|\b[tr]pm\b|\bconcurren/;

/** Seconds. A window that slides, such as Groq's of a day, may have room again soon. */
const maxWait = 60;

export function isQuota(status: number, { text, codes, retryAfter }: Fault): boolean {
  if (!statuses.has(status)) return false;
  const quotas = codes.join(" ");
  if (/perday/.test(quotas)) return true;
  const words = text.toLowerCase().replace(/['’]/g, "");
  if (short.test(words) && !/per[-_ ]?day/.test(words)) return false;
  if (retryAfter !== undefined && retryAfter <= maxWait) return false;
  return wordings.some((wording) => wording.test(words));
}

/**
 * Room `plan/size/`: how many tokens a prompt has, by the backend's count. Not here: calls to a backend; what it
 * reported in earlier replies is enough.
 *
 * Estimates the size of every prompt at once, and counts it when a client asks. Both use the vocabulary of the model's
 * family, or the closest one we have, and are then corrected by what the backend has reported for earlier prompts.
 * Everything remembered is a cache: without it the numbers are rougher, nothing else.
 */
import type { CountTokensRequest } from "../../anthropic/wire.ts";
import type { Quirks } from "../../catalog/quirks.ts";
import { type TokenRules, tokenRulesFor } from "../../catalog/token-rules.ts";
import { createLru } from "../../lib/lru.ts";
import { promptTokens, type Usage } from "../../reply.ts";
import { placeKey } from "../choose-target.ts";
import type { ToolUse } from "../choose-tools.ts";
import { type Calibration, createCalibration } from "./calibrate.ts";
import { createPromptCounts } from "./count-prompt.ts";
import {
  describeTruncation,
  isConstant,
  isHonest,
  isImplausible,
  isTruncated,
  type Sized,
} from "./find-truncation.ts";
import { type Anchor, learnSize, type OwnCount, type PromptSize, predictSize } from "./predict-size.ts";
import { type Prompt, readPrompt } from "./read-prompt.ts";

/** What will be sent, and where; a Plan is one. */
export type Asked = {
  readonly request: CountTokensRequest;
  readonly quirks: Quirks;
  readonly toolUse: Pick<ToolUse, "functions">;
  /** The model's name at the backend. */
  readonly model: string;
  /** Where its requests go. */
  readonly url: string;
};

export type TokenCounter = {
  /** Returns at once: new texts are estimated from their characters. */
  estimate(asked: Asked): PromptSize;
  /** Uses the tokenizer; texts that were counted before cost nothing. */
  count(asked: Asked): Promise<number>;
  /** The same, with a lower bound. */
  measure(asked: Asked): Promise<PromptSize>;
  /**
   * Learns from what the backend reported, and counts the prompt's new texts meanwhile, with pauses for other
   * requests. Resolves with a warning, once per model, if the backend seems to have truncated the prompt.
   */
  learn(prompt: KeptPrompt, usage: Usage): Promise<string | undefined>;
  /** What `learn` needs of a request that was answered; undefined for most of very many short prompts. */
  keep(asked: Asked & { readonly isLong: boolean }): KeptPrompt | undefined;
};

const maxModels = 256;
const maxConversations = 1024;

/** How much may be done at once, and per second. */
type Allowance = { readonly max: number; readonly perSecond: number };

/** Characters that may be counted in the background: one percent of a processor core. */
const counting: Allowance = { max: 2_000_000, perSecond: 100_000 };

/** Short prompts that may be learned from: that takes longer than planning one, and thousands of them teach the same. */
const learning: Allowance = { max: 100, perSecond: 10 };

/**
 * Characters of new texts that are not worth a count: their estimate is off by some tens of tokens. A proxy for small
 * prompts then never loads a vocabulary, which takes 5 MB.
 */
const maxGuessed = 2000;

/** What is remembered about a model at its address. */
type Place = {
  /** Tells its conversations from those of other places. */
  readonly seed: bigint;
  readonly rules: TokenRules;
  readonly calibration: Calibration;
  isWarned: boolean;
  /** The last report, and the last one that seemed too low, each with our count of its prompt. */
  last?: Sized;
  doubted?: Sized;
};

/** A prompt, and everything known about its destination; without the request that it was read from. */
type Subject = {
  /** What it was read for, besides the request. */
  readonly model: string;
  readonly url: string;
  readonly quirks: Quirks;
  readonly functions: ToolUse["functions"];
  readonly prompt: Prompt;
  readonly place: Place;
  /** A hash. */
  readonly conversation: bigint;
  /** Our count, or the first estimate: it is needed before the request is sent, and again when the answer begins. */
  own?: OwnCount;
};

/** What is kept of a prompt for as long as its answer lasts: texts only if they are going to be counted. */
export type KeptPrompt = Pick<Subject, "model" | "place" | "conversation"> & {
  /** Our count, or an estimate. */
  readonly rough: OwnCount;
  /** What is to be counted before it is learned from. Undefined if `rough` is good enough. */
  readonly recount: Prompt | "too long" | undefined;
};

export function createTokenCounter(now: () => number = () => performance.now()): TokenCounter {
  const counts = createPromptCounts();
  const places = createLru<string, Place>(maxModels);
  const anchors = createLru<bigint, Anchor>(maxConversations);
  const mayCount = createAllowance(counting, now);
  const mayLearn = createAllowance(learning, now);
  /** A request is estimated first, and learned from at the end. */
  const subjects = new WeakMap<CountTokensRequest, Subject>();

  function findPlace(asked: Asked): Place {
    const key = placeKey(asked);
    const known = places.get(key);
    if (known) return known;
    const rules = tokenRulesFor(asked.model);
    const place = {
      seed: BigInt(Bun.hash(key)),
      rules,
      calibration: createCalibration(rules.ratio),
      isWarned: false,
    };
    places.set(key, place);
    return place;
  }

  function subjectOf(asked: Asked): Subject {
    const { request, quirks, toolUse, model, url } = asked;
    const { functions } = toolUse;
    const known = subjects.get(request);
    if (
      known?.functions === functions &&
      known.quirks === quirks &&
      known.model === model &&
      known.url === url
    )
      return known;
    const place = findPlace(asked);
    const prompt = readPrompt(request, { quirks, toolUse, rules: place.rules });
    const conversation = prompt.opening ^ place.seed;
    const subject = { model, url, quirks, functions, prompt, place, conversation };
    subjects.set(request, subject);
    return subject;
  }

  const predict = (own: OwnCount, { conversation, place }: Subject): PromptSize =>
    predictSize(own, anchors.get(conversation), place.calibration);

  function estimate(subject: Subject): OwnCount {
    subject.own ??= counts.estimate(subject.prompt, subject.place.rules);
    return subject.own;
  }

  function keep(subject: Subject): KeptPrompt {
    const { model, place, conversation, prompt } = subject;
    const { rules } = place;
    const rough = estimate(subject);
    const uncounted = rough.guessed === 0 ? 0 : counts.uncounted(prompt, rules);
    const kept = { model, place, conversation, rough };
    if (uncounted <= maxGuessed && prompt.pdfs.length === 0) return { ...kept, recount: undefined };
    return { ...kept, recount: mayCount(uncounted) ? counts.forgetCounted(prompt, rules) : "too long" };
  }

  async function measure(asked: Asked): Promise<PromptSize> {
    const subject = subjectOf(asked);
    subject.own = await counts.count(subject.prompt, subject.place.rules);
    return predict(subject.own, subject);
  }

  return {
    estimate(asked) {
      const subject = subjectOf(asked);
      return predict(estimate(subject), subject);
    },

    count: async (asked) => (await measure(asked)).tokens,
    keep: (asked) => (asked.isLong || mayLearn(1) ? keep(subjectOf(asked)) : undefined),
    measure,

    async learn({ model, rough, recount, place, conversation }, usage) {
      const before = anchors.get(conversation);
      const roughly = predictSize(rough, before, place.calibration);
      const reported = readReported(usage, roughly.tokens);
      if (reported === 0) return undefined;
      // The client's next turn may come before the counting is over.
      if (!isImplausible(reported, roughly)) anchors.set(conversation, { own: rough, reported });

      if (recount === "too long") return undefined;
      const own = recount ? await counts.count(recount, place.rules) : rough;
      const expected = recount ? predictSize(own, before, place.calibration) : roughly;
      const report = { reported, expected, media: own.media };
      const sized = { own: own.load.text + own.load.tools, reported };
      const isCut =
        (isTruncated(report) && !isHonest(sized, place.doubted)) || isConstant(report, sized, place.last);
      if (isTruncated(report)) place.doubted = sized;
      place.last = sized;
      if (isCut && !isGrowth(own, before, reported)) {
        const isNews = !place.isWarned;
        place.isWarned = true;
        return isNews ? describeTruncation(report, model) : undefined;
      }
      if (isCut || (isImplausible(reported, expected) && !isTruncated(report))) return undefined;
      anchors.set(conversation, { own, reported });
      learnSize(own, before, place.calibration, reported);
      return undefined;
    },
  };
}

/**
 * The tokens of the prompt. Some servers leave the cached part out of the total; then the sum of both is used, if that
 * is close to what was expected.
 */
function readReported(usage: Usage, expected: number): number {
  const prompt = promptTokens(usage);
  const beside = prompt + usage.cacheReadTokens;
  const isBeside = prompt < 0.7 * expected && Math.abs(beside - expected) < 0.25 * expected;
  return isBeside ? beside : prompt;
}

/** Servers that count only uncached tokens report the growth of the conversation. */
function isGrowth(own: OwnCount, before: Anchor | undefined, reported: number): boolean {
  return before !== undefined && reported < 2 * (own.load.text - before.own.load.text) + 200;
}

/** Whether this much may be done now. */
function createAllowance({ max, perSecond }: Allowance, now: () => number): (amount: number) => boolean {
  let left = max;
  let at = now();
  return (amount) => {
    const time = now();
    left = Math.min(max, left + ((time - at) / 1000) * perSecond);
    at = time;
    if (amount > left) return false;
    left -= amount;
    return true;
  };
}

/** Chooses who answers a plan: the backend, or the proxy itself if the backend has nothing to add. */
import type { Catalog } from "../catalog/models.ts";
import type { SearchService } from "../catalog/search-apis.ts";
import { type ProxyError, toProxyError } from "../errors.ts";
import type { StopSignal } from "../lib/stop.ts";
import type { Plan } from "../plan/plan.ts";
import type { TokenCounter } from "../plan/size/tokens.ts";
import {
  type BegunReply,
  beginReply,
  failedReply,
  failureOf,
  noUsage,
  type ReplyEvent,
  type Usage,
  wholeReply,
} from "../reply.ts";
import type { MediaLesson } from "../upstream/attempt/remember-media.ts";
import { readReply, type SentReply, type Upstream } from "../upstream/read-reply.ts";
import { planWithoutMedia, refuseMediaKind } from "./adapt-media.ts";
import { answerSearch } from "./answer-search.ts";
import { compactReply } from "./compact-reply.ts";
import { countOwnCall, type OwnCallBooks } from "./count-own-call.ts";
import { type AnsweredPlan, keepPlan } from "./learn-tokens.ts";
import { nameModels } from "./name-models.ts";
import type { Compaction, Preparation, PreparedPlan } from "./prepare-plan.ts";
import { runOwnTools } from "./run-own-tools.ts";

export type PlannedReply = BegunReply & {
  /**
   * The plan whose usage the reply reports. It differs from the one that was given if the backend has refused images or
   * PDFs, and is undefined once the usage is that of several requests. Of a stream, only what is learned from is kept.
   */
  readonly plan: AnsweredPlan | undefined;
};

export type ReplyOptions = Upstream &
  Preparation &
  OwnCallBooks & {
    readonly signal: StopSignal;
    readonly tokens: Pick<TokenCounter, "keep">;
    /** Searches for backends that cannot. */
    readonly searchService?: SearchService | undefined;
  };

/** Never fails: a failure is the last fact. */
export function openReply(plan: PreparedPlan, options: ReplyOptions): Promise<PlannedReply> {
  return plan.protocol === "anthropic" || isPlain(plan) ? openUsual(plan, options) : openOther(plan, options);
}

/** As nearly always; without a promise for each function on the way. Never fails. */
async function openUsual(plan: Plan, options: ReplyOptions): Promise<PlannedReply> {
  const sent = await send(plan, options);
  const error = plan.protocol === "anthropic" ? undefined : failureOf(sent);
  const reply = error ? await answerRefusal(sent, error, options) : sent;
  return plan.request.stream === true ? forgetRequest(reply, options) : reply;
}

/** Lets go of the messages once the reply has begun: a stream may last for minutes, and nobody asks again. */
function forgetRequest({ first, rest, plan }: SentReply, { tokens }: ReplyOptions): PlannedReply {
  // Estimated now, while there are messages to estimate from.
  plan.size();
  return { first, rest, plan: keepPlan(plan, tokens) };
}

/** Whether one reply of the backend is the answer: no warm-up, summary, own tool, or search that it cannot do. */
function isPlain({ request, webSearch, compaction, ownTools }: PreparedPlan): boolean {
  return request.max_tokens !== 0 && webSearch?.form !== "none" && !compaction && ownTools.length === 0;
}

/** Never fails. */
async function openOther(plan: PreparedPlan, options: ReplyOptions): Promise<PlannedReply> {
  try {
    if (plan.request.max_tokens === 0) return { ...wholeReply(warmUp()), plan };
    const own = answerSearch(plan, options.searchService, options);
    if (own) return { ...wholeReply(await own), plan };
    return await (plan.compaction ? compact(plan, plan.compaction, options) : answerPlan(plan, options));
  } catch (thrown) {
    return { ...failedReply(toProxyError(thrown)), plan };
  }
}

/** Asks the backend, and runs the tools that the proxy runs itself. */
function answerPlan(plan: Plan, options: ReplyOptions): Promise<PlannedReply> {
  return plan.ownTools.length === 0 ? askBackend(plan, options) : answerWithTools(plan, options);
}

async function answerWithTools(plan: Plan, options: ReplyOptions): Promise<PlannedReply> {
  const sent: Plan[] = [];
  const open = async (next: Plan) => {
    const reply = await askBackend(next, options);
    sent.push(reply.plan);
    return reply;
  };
  const { first, rest } = await beginReply(runOwnTools(plan, { ...options, open }));
  return {
    first,
    rest,
    get plan() {
      return sent.length === 1 ? sent[0] : undefined;
    },
  };
}

/** Asks for a summary, and then, unless it is the answer, for that. */
async function compact(plan: Plan, compaction: Compaction, options: ReplyOptions): Promise<PlannedReply> {
  const startedAt = performance.now();
  let current: PlannedReply = await askBackend(plan, options);
  const count = (usage: Usage | undefined): void => {
    const tookMs = Math.round(performance.now() - startedAt);
    countOwnCall({ purpose: "summary", plan, usage, tookMs, payer: options }, options);
  };
  const goOn = async (next: Plan) => {
    current = await answerPlan(next, options);
    return current;
  };
  const { first, rest } = await beginReply(compactReply(current, compaction, goOn, count));
  return {
    first,
    rest,
    get plan() {
      return current.plan;
    },
  };
}

/** `max_tokens: 0` asks only to warm a cache. A backend would refuse it, or generate a word. */
function warmUp(): ReplyEvent[] {
  return [
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "max-tokens" },
  ];
}

/** How often a request is sent again with fewer images or PDFs. */
const maxAdaptations = 4;

/** Never fails. */
async function askBackend(plan: Plan, options: ReplyOptions): Promise<SentReply> {
  const sent = await send(plan, options);
  const error = failureOf(sent);
  return error ? await answerRefusal(sent, error, options) : sent;
}

/** Never fails. */
async function answerRefusal(sent: SentReply, error: ProxyError, options: ReplyOptions): Promise<SentReply> {
  try {
    return await askWithoutMedia(sent, error, options);
  } catch (thrown) {
    return { ...failedReply(toProxyError(thrown)), plan: sent.plan };
  }
}

function send(plan: Plan, options: ReplyOptions): Promise<SentReply> {
  return readReply(plan, options, options.signal, options.note);
}

/** Asks again without the images or PDFs that the backend refuses; text says that they are missing. */
async function askWithoutMedia(
  refused: SentReply,
  refusal: ProxyError,
  options: ReplyOptions,
): Promise<SentReply> {
  const { note, healing } = options;
  const given = refused.plan;
  const lessons: MediaLesson[] = [];
  let sent = refused;
  let error: ProxyError | undefined = refusal;
  for (let tries = 0; error && tries < maxAdaptations; tries += 1) {
    const next = await planWithoutMedia(sent.plan, error, options);
    if (!next) break;
    if (next.note !== undefined) note(next.note);
    if (next.lesson) lessons.push(next.lesson);
    sent = await send(next.plan, options);
    error = failureOf(sent);
  }
  if (error) {
    const told = nameModels(refuseMediaKind(given.request, error), catalogOf(given, options));
    return { ...failedReply(told), plan: sent.plan };
  }
  for (const lesson of lessons) healing.media.learn(given, lesson);
  return sent;
}

/** The list of the backend that was asked. */
function catalogOf({ backend }: Plan, { sites }: ReplyOptions): Catalog {
  return (sites.find(backend.id) ?? sites.default).catalog;
}

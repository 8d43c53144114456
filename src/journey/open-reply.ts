/** Chooses who answers a plan: the backend, or the proxy itself if the backend has nothing to add. */
import type { Catalog } from "../catalog/models.ts";
import type { ProxyError } from "../errors.ts";
import { deferIterator } from "../lib/defer-iterator.ts";
import type { Plan } from "../plan/plan.ts";
import { isSeen, noUsage, type Reply, type ReplyEvent } from "../reply.ts";
import type { MediaLesson } from "../upstream/attempt/remember-media.ts";
import { readReply, type Upstream } from "../upstream/read-reply.ts";
import type { SearchService } from "../upstream/transport/search-web.ts";
import { planWithoutMedia, refuseMediaKind } from "./adapt-media.ts";
import { answerSearch } from "./answer-search.ts";
import { compactReply } from "./compact-reply.ts";
import { nameModels } from "./name-models.ts";
import type { Compaction, Preparation, PreparedPlan } from "./prepare-plan.ts";
import { refuseSearch } from "./refuse-search.ts";
import { runOwnTools } from "./run-own-tools.ts";

export type PlannedReply = {
  readonly reply: Reply;
  /**
   * The plan whose usage the reply reports. It changes while the reply is read, if the backend refuses images or PDFs,
   * and is undefined once the usage is that of several requests.
   */
  readonly plan: Plan | undefined;
};

type SentReply = PlannedReply & { readonly plan: Plan };

export type ReplyOptions = Upstream &
  Preparation & {
    readonly signal: AbortSignal;
    /** Searches for backends that cannot. */
    readonly searchService?: SearchService | undefined;
  };

export function openReply(plan: PreparedPlan, options: ReplyOptions): PlannedReply {
  if (plan.protocol === "anthropic")
    return { plan, reply: readReply(plan, options, options.signal, options.note) };
  if (plan.request.max_tokens === 0) return { plan, reply: warmUp() };
  const own = answerSearch(plan, options.searchService, options) ?? refuseSearch(plan, options.note);
  if (own) return { plan, reply: own };
  return plan.compaction ? compact(plan, plan.compaction, options) : answerPlan(plan, options);
}

/** Asks the backend, and runs the tools that the proxy runs itself. */
function answerPlan(plan: Plan, options: ReplyOptions): PlannedReply {
  if (plan.ownTools.length === 0) return askBackend(plan, options);
  const sent: SentReply[] = [];
  const open = (next: Plan) => {
    const reply = askBackend(next, options);
    sent.push(reply);
    return reply;
  };
  return {
    reply: runOwnTools(plan, { ...options, open }),
    get plan() {
      return sent.length === 1 ? sent[0]?.plan : undefined;
    },
  };
}

/** Asks for a summary, and then, unless it is the answer, for that. */
function compact(plan: Plan, compaction: Compaction, options: ReplyOptions): PlannedReply {
  let current: PlannedReply = askBackend(plan, options);
  const goOn = (plan: Plan) => {
    current = answerPlan(plan, options);
    return current.reply;
  };
  const reply = compactReply(current.reply, compaction, goOn);
  return {
    reply,
    get plan() {
      return current.plan;
    },
  };
}

/** `max_tokens: 0` asks only to warm a cache. A backend would refuse it, or generate a word. */
async function* warmUp(): Reply {
  yield [
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "max-tokens" },
  ];
}

/** How often a request is sent again with fewer images or PDFs. */
const maxAdaptations = 4;

/** Asks again without the images or PDFs that the backend refuses; text says that they are missing. */
function askBackend(first: Plan, options: ReplyOptions): SentReply {
  const { signal, note, healing } = options;
  let plan = first;
  const reply = deferIterator(async () => {
    const lessons: MediaLesson[] = [];
    let opened = await open(first);
    let error = failureOf(opened.first);
    for (let tries = 0; error && tries < maxAdaptations; tries += 1) {
      const next = await planWithoutMedia(plan, error, options);
      if (!next) break;
      if (next.note !== undefined) note(next.note);
      if (next.lesson) lessons.push(next.lesson);
      plan = next.plan;
      opened = await open(plan);
      error = failureOf(opened.first);
    }
    if (error) {
      const told = nameModels(refuseMediaKind(first.request, error), catalogOf(first, options));
      return { ...opened, first: [{ type: "failure" as const, error: told }] };
    }
    for (const lesson of lessons) healing.media.learn(first, lesson);
    return opened;
  });
  async function open(plan: Plan) {
    const rest = readReply(plan, options, signal, note);
    const { value: first = [] } = await rest.next();
    return { first, rest };
  }
  return {
    reply,
    get plan() {
      return plan;
    },
  };
}

/** The list of the backend that was asked. */
function catalogOf({ backend }: Plan, { sites }: ReplyOptions): Catalog {
  return (sites.find(backend.id) ?? sites.default).catalog;
}

/** The failure of an attempt of which the client has seen nothing. */
function failureOf(facts: readonly ReplyEvent[]): ProxyError | undefined {
  const last = facts.at(-1);
  return last?.type === "failure" && !facts.some(isSeen) ? last.error : undefined;
}

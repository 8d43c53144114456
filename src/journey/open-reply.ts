/** Chooses who answers a plan: the backend, or the proxy itself if the backend has nothing to add. */
import { deferIterator } from "../lib/defer-iterator.ts";
import type { Plan } from "../plan/plan.ts";
import { isSeen, noUsage, type ReplyEvent } from "../reply.ts";
import { type Reply, readReply, type Upstream } from "../upstream/read-reply.ts";
import { type Preparation, planWithoutPdfs } from "./prepare-plan.ts";
import { refuseSearch } from "./refuse-search.ts";

type PlannedReply = {
  readonly reply: Reply;
  /** The plan that was sent last. It changes while the reply is read, if the backend refuses PDFs. */
  readonly plan: Plan;
};

type ReplyOptions = Upstream & Preparation & { readonly signal: AbortSignal };

export function openReply(plan: Plan, options: ReplyOptions): PlannedReply {
  if (plan.request.max_tokens === 0) return { plan, reply: warmUp() };
  const refusal = refuseSearch(plan, options.note);
  return refusal ? { plan, reply: refusal } : askBackend(plan, options);
}

/** `max_tokens: 0` asks only to warm a cache. A backend would refuse it, or generate a word. */
async function* warmUp(): Reply {
  yield [
    { type: "usage", usage: noUsage },
    { type: "finish", reason: "max-tokens" },
  ];
}

/** Asks again with the text of PDFs if the backend refuses the PDFs themselves. */
function askBackend(first: Plan, options: ReplyOptions): PlannedReply {
  const { signal, note, healing } = options;
  let plan = first;
  const reply = deferIterator(async () => {
    const opened = await open(first);
    const refused = refusedPdf(opened.first);
    const second = refused && (await planWithoutPdfs(first, options));
    if (!second) return opened;
    note("sent PDFs as text, because the backend refused them");
    plan = second;
    const reopened = await open(second);
    if (refused === "pdf" && reopened.first.at(-1)?.type !== "failure") healing.learnRefusedPdfs(first);
    return reopened;
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

function refusedPdf(facts: readonly ReplyEvent[]): "pdf" | "damaged-pdf" | undefined {
  const last = facts.at(-1);
  if (last?.type !== "failure" || facts.some(isSeen)) return undefined;
  const { refuses } = last.error;
  return refuses === "image" ? undefined : refuses;
}

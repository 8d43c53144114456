/**
 * Room `upstream/`: the backend's side: writes a request, sends it, reads the reply as facts. This file is the only
 * way in for a message. Not here: decisions, which the plan has made, and Anthropic's reply format.
 *
 * From a plan to facts: writes the request and sends it, again where that helps. Until the first fact that a client
 * would see, a try may fail without a trace: its refusal corrected, its failure waited out. After that nothing is
 * said twice.
 */
import { type ProxyError, toProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { ReplyEvent } from "../reply.ts";
import type { Healing } from "./attempt/healing.ts";
import { makeAttempt } from "./attempt/make-attempt.ts";
import { createTries, type RetryPace } from "./attempt/retry.ts";
import { openaiChat } from "./openai-chat/protocol.ts";
import type { Sender } from "./transport/send.ts";

export type Upstream = {
  readonly sender: Sender;
  readonly healing: Healing;
  readonly pace: RetryPace;
  /** The plan with the text of its PDFs in their place; undefined where it sends none. */
  readonly readPdfs?: (plan: Plan) => Promise<Plan | undefined>;
};

/** The facts of each network read that held any. Never throws: a failure is the last fact. */
export type Reply = AsyncIterableIterator<ReplyEvent[], void>;

/**
 * Opens the reply at the first call of `next`, and then hands on what the try that succeeded reads: a layer of its
 * own for each chunk would cost more than the translation.
 *
 * @param note called once for each thing that was lost or changed in the request
 */
export function readReply(
  plan: Plan,
  upstream: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): Reply {
  let attempt: Reply | undefined;
  async function begin(): Promise<IteratorResult<ReplyEvent[], void>> {
    const begun = await findReadable(plan, upstream, signal, note).catch((thrown: unknown) => ({
      facts: [{ type: "failure" as const, error: toProxyError(thrown) }],
      attempt: nothing(),
    }));
    attempt = begun.attempt;
    return { value: begun.facts, done: false };
  }
  return {
    next: () => (attempt ? attempt.next() : begin()),
    async return() {
      await attempt?.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

type Begun = {
  /** What was read so far: up to the first fact that a client sees, or all, if there was none to be seen. */
  readonly facts: ReplyEvent[];
  /** What follows. */
  readonly attempt: Reply;
};

/** A model that takes no PDFs takes their text. */
async function findReadable(
  plan: Plan,
  upstream: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): Promise<Begun> {
  const begun = await findAttempt(plan, upstream, signal, note);
  const last = begun.facts.at(-1);
  const refused = last?.type === "failure" && !begun.facts.some(isSeen) ? last.error.refuses : undefined;
  if (refused !== "pdf" && refused !== "damaged-pdf") return begun;
  const readable = await upstream.readPdfs?.(plan);
  if (!readable) return begun;
  note("sent PDFs as text, because the backend refused them");
  const second = await findAttempt(readable, upstream, signal, note);
  const isAnswered = second.facts.at(-1)?.type !== "failure";
  if (isAnswered && refused === "pdf") upstream.healing.learnRefusedPdfs(plan);
  return second;
}

async function findAttempt(
  plan: Plan,
  { sender, healing, pace }: Upstream,
  signal: AbortSignal,
  note: (words: string) => void,
): Promise<Begun> {
  const tries = createTries(pace, signal, plan.maxTokens);
  const protocol = openaiChat;
  const noted = new Set<string>();
  for (;;) {
    const written = protocol.writeRequest(plan, [...healing.lessons(plan), ...tries.corrections]);
    for (const words of new Set(written.notes).difference(noted)) {
      noted.add(words);
      note(words);
    }
    const begun = await readToFirstSeen(
      makeAttempt({ protocol, plan, written, sender, isolated: tries.wasUnreachable, signal }),
    );
    const last = begun.facts.at(-1);
    const hasAnswered = begun.facts.some(isSeen);
    const correct = (error: ProxyError) => protocol.findCorrection(error, plan, written);
    if (!hasAnswered && (await tries.isWorthAnother(last, correct))) continue;
    if (hasAnswered || last?.type !== "failure") healing.learn(plan, tries.corrections);
    return begun;
  }
}

async function readToFirstSeen(attempt: Reply): Promise<Begun> {
  const facts: ReplyEvent[] = [];
  for (let read = await attempt.next(); !read.done; read = await attempt.next()) {
    facts.push(...read.value);
    if (read.value.some(isSeen)) break;
  }
  return { facts, attempt };
}

async function* nothing(): Reply {}

function isSeen(fact: ReplyEvent): boolean {
  switch (fact.type) {
    case "text-delta":
    case "thinking-delta":
      // White space alone opens no block.
      return fact.text.trim() !== "";
    case "thinking-carrier":
    case "tool-start":
    case "tool-delta":
    case "tool-end":
    case "web-search":
    case "citation":
      return true;
    case "limits":
    case "usage":
    case "finish":
    case "failure":
      return false;
    default:
      return fact satisfies never;
  }
}

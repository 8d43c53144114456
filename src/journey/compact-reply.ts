/** Turns a reply that is a summary into a compaction block, and goes on with the answer if that is wanted. */
import { toProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { type BegunReply, type Reply, type ReplyEvent, readAll } from "../reply.ts";
import type { Compaction } from "./prepare-plan.ts";

/**
 * A summary that was cut, refused or left empty is none: the block then has no content, and a client keeps its
 * conversation.
 *
 * @param open asks for the answer after the summary
 */
export async function* compactReply(
  summarized: BegunReply,
  { toolChanges, goOn }: Compaction,
  open: (plan: Plan) => Promise<BegunReply>,
): Reply {
  let summary = "";
  let isWhole = false;
  let usage: ReplyEvent[] = [];
  for await (const facts of readAll(summarized)) {
    for (const fact of facts) {
      if (fact.type === "text-delta") summary += fact.text;
      else if (fact.type === "finish") isWhole = fact.reason === "stop";
      else if (fact.type === "usage") usage = [fact];
      else if (fact.type === "limits" || fact.type === "failure") yield [fact];
      if (fact.type === "failure") return;
    }
  }
  const content = isWhole && summary.trim() !== "" ? summary.trim() : null;
  const compaction: ReplyEvent = { type: "compaction", content, toolChanges };
  if (!goOn) {
    yield [compaction, ...usage, { type: "finish", reason: "compaction" }];
    return;
  }
  yield [compaction];
  let plan: Plan;
  try {
    plan = await goOn(content);
  } catch (thrown) {
    yield [{ type: "failure", error: toProxyError(thrown) }];
    return;
  }
  yield* readAll(open(plan));
}

/** Turns a reply that is a summary into a compaction block, and goes on with the answer if that is wanted. */
import { toProxyError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { type BegunReply, type Reply, type ReplyEvent, readAll, type Usage } from "../reply.ts";
import type { Compaction } from "./prepare-plan.ts";

/**
 * A summary that was cut, refused or left empty is none: the block then has no content, and a client keeps its
 * conversation.
 *
 * @param open asks for the answer after the summary
 * @param count told what the summary took, if the reply's usage is that of the answer alone, as in Anthropic's API
 */
export async function* compactReply(
  summarized: BegunReply,
  { toolChanges, goOn }: Compaction,
  open: (plan: Plan) => Promise<BegunReply>,
  count: (usage: Usage | undefined) => void,
): Reply {
  let summary = "";
  let isWhole = false;
  let usage: Usage | undefined;
  for await (const facts of readAll(summarized)) {
    for (const fact of facts) {
      if (fact.type === "text-delta") summary += fact.text;
      else if (fact.type === "finish") isWhole = fact.reason === "stop";
      else if (fact.type === "usage") usage = fact.usage;
      else if (fact.type === "limits" || fact.type === "failure") yield [fact];
      if (fact.type === "failure") return;
    }
  }
  const content = isWhole && summary.trim() !== "" ? summary.trim() : null;
  const compaction: ReplyEvent = { type: "compaction", content, toolChanges };
  if (!goOn) {
    const spent: ReplyEvent[] = usage ? [{ type: "usage", usage }] : [];
    yield [compaction, ...spent, { type: "finish", reason: "compaction" }];
    return;
  }
  count(usage);
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

/** Which of the last requests are shown. */
import type { PageState } from "../page-state.ts";

export type Filter = "all" | "failed" | "repaired";

export function isShown(message: PageState["recent"][number], filter: Filter, words: string): boolean {
  const { asked, model, backend, client, session, id, error } = message;
  if (filter === "failed" && error === undefined) return false;
  if (filter === "repaired" && message.retries + message.healed.length === 0) return false;
  const text = [asked, model, backend, client, session, id, error, message.class].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

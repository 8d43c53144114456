/** One thing that was looked at, and what to do about it. */
export type Finding = {
  /** What it is about, in one or two words. */
  readonly topic: string;
  readonly state: "good" | "bad" | "unknown";
  /** What was seen: a sentence without a final period. */
  readonly text: string;
  /** The one thing to do. */
  readonly advice?: string;
};

export function good(topic: string, text: string): Finding {
  return { topic, state: "good", text };
}

export function bad(topic: string, text: string, advice: string): Finding {
  return { topic, state: "bad", text, advice };
}

export function unknown(topic: string, text: string, advice?: string): Finding {
  return { topic, state: "unknown", text, ...(advice !== undefined && { advice }) };
}

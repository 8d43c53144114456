import { expect, test } from "bun:test";
import { readMessagesRequest } from "../../src/anthropic/read-request.ts";
import { refuseThread } from "../../src/journey/refuse-thread.ts";
import { bodyOf } from "../support/bodies.ts";
import { ask } from "../support/proxy.ts";

const read = (changes: Record<string, unknown>) => readMessagesRequest(bodyOf(JSON.stringify(ask(changes))));
const thread = { type: "continue", previous_message_id: "msg_1" };

test("each client is refused with the code that makes it send the whole conversation", () => {
  expect(() => refuseThread(read({ thread }), false)).toThrow(
    expect.objectContaining({ kind: "not-found", code: "thread_not_found" }),
  );
  const claude = expect.objectContaining({
    kind: "invalid-request",
    code: "thread_unsupported_request",
    message: "capability_rejected: beta_header:message-threads-2026-08-12",
  });
  expect(() => refuseThread(read({ thread }), true)).toThrow(claude);
  expect(() => refuseThread(read({ thread, system: "You are Claude Code." }), false)).toThrow(claude);
});

test("a new thread holds everything", () => {
  expect(() => refuseThread(read({ thread: { type: "create" } }), true)).not.toThrow();
});

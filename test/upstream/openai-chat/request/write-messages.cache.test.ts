/** Cache marks move through a conversation; what a backend has cached must not change with them. */
import { describe, expect, test } from "bun:test";
import { backendNames } from "../../../../src/catalog/backends/known-backends.ts";
import { call, image, marked, messagesFor, result, text } from "../../../support/chat-requests.ts";
import type { PlanChanges } from "../../../support/plans.ts";

const claude: PlanChanges = { backend: "openrouter", model: "anthropic/claude-sonnet-5" };

describe("cache marks", () => {
  const tail = (list: object[], backend = claude) => messagesFor(list, backend).at(-1);

  test("of a result, of a reminder after it and of an image's neighbor stay in place", () => {
    const asked = [
      { role: "user", content: "a" },
      { role: "assistant", content: [call("t1")] },
    ];
    expect(tail([...asked, { role: "user", content: [result("t1", "x", marked)] }])).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }],
    });
    expect(
      tail([
        ...asked,
        { role: "user", content: [result("t1", "x")] },
        { role: "system", content: [text("rule", marked)] },
      ]),
    ).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [
        { type: "text", text: "x" },
        {
          type: "text",
          text: "<system-reminder>\nrule\n</system-reminder>",
          cache_control: { type: "ephemeral" },
        },
      ],
    });
    expect(
      tail([...asked, { role: "user", content: [result("t1", [text("x"), image], marked)] }]),
    ).toMatchObject({
      content: [{ type: "text", cache_control: { type: "ephemeral" } }, { type: "image_url" }],
    });
  });

  test("are left out where the backend knows none", () => {
    const list = [
      { role: "user", content: [text("a", marked)] },
      { role: "assistant", content: [call("t1")] },
      { role: "user", content: [result("t1", "x", marked)] },
      { role: "system", content: [text("rule", marked)] },
    ];
    expect(JSON.stringify(messagesFor(list, { backend: "generic" }))).not.toContain("cache_control");
  });
});

test("each turn of a session starts with the messages of the turn before, wherever its cache marks are", () => {
  type Said = { readonly role: string; readonly content: object[] };
  const says = (role: string, ...content: object[]): Said => ({ role, content });
  for (const backend of [claude, ...backendNames.map((backend) => ({ backend }))]) {
    const session = [says("user", text("Begin"), text("context")), says("system", text("environment"))];
    let before: unknown[] = [];
    for (let turn = 0; turn < 20; turn++) {
      // Clients mark the last blocks of the last messages, others from turn to turn.
      const list = session.map(({ role, content }, at) => ({
        role,
        content:
          at < session.length - 3 ? content : [...content.slice(0, -1), { ...content.at(-1), ...marked }],
      }));
      const sent: unknown[] = JSON.parse(
        JSON.stringify(messagesFor(list, backend), (key, value) =>
          key === "cache_control" ? undefined : value,
        ),
      );
      expect(sent.slice(0, before.length)).toEqual(before);
      before = sent;
      const id = `toolu_${turn}`;
      const thought = { type: "thinking", thinking: `hm ${turn}`, signature: "s" };
      if (turn % 2 === 0) {
        session.push(says("assistant", thought, text(`step ${turn}`), call(id, "Read", { turn })));
        session.push(says("user", result(id, turn % 3 === 0 ? [image] : `result ${turn}`)));
      } else {
        session.push(says("assistant", thought, text(`step ${turn}`), text("done\n")));
        session.push(says("user", text("more")));
      }
      if (turn % 4 === 0) session.push(says("user", text("and this")));
      if (turn % 5 === 0) session.push(says("system", text(`notice ${turn}`)));
    }
  }
});

import { describe, expect, test } from "bun:test";
import type { QuirkChanges } from "../../../../src/catalog/quirks.ts";
import { changeQuirks } from "../../../../src/catalog/quirks.ts";
import {
  adaptRequest,
  needsAdapting,
} from "../../../../src/upstream/anthropic-messages/request/adapt-request.ts";
import { digestThinking } from "../../../../src/upstream/reasoning/digest-item.ts";
import { emptySignature, packCarrier } from "../../../../src/upstream/reasoning/pack-carrier.ts";
import { called, said, thought } from "../../../support/fake-anthropic.ts";
import { nativePlan } from "../../../support/native-plans.ts";
import { ask } from "../../../support/proxy.ts";

const carrier = packCarrier({ form: "text", origin: "m", items: [{ a: 1 }] }) ?? "";
const ours = (thinking: string) => ({ type: "thinking", thinking, signature: carrier });
const user = (content: unknown) => ({ role: "user", content });
const assistant = (...content: readonly unknown[]) => ({ role: "assistant", content });
const result = (id: string) => user([{ type: "tool_result", tool_use_id: id, content: "ok" }]);
const checking = { checksSignatures: true };
const lesser = {
  checksSignatures: false,
  isComplete: false,
  thinking: ["enabled", "disabled"],
  efforts: ["high", "max"],
  unknownFields: ["context_management", "speed"],
} as const;

function adapt(
  changes: Record<string, unknown>,
  native: QuirkChanges["native"] = {},
  refusedItems: string[] = [],
) {
  const given = ask(changes);
  const plan = nativePlan(given, { native });
  const quirks = changeQuirks(plan.quirks, { reasoning: { refusedItems } });
  const notes: string[] = [];
  const body: Record<string, unknown> = adaptRequest(
    given,
    { ...plan, quirks },
    (words) => void notes.push(words),
  );
  return { body, notes, needed: needsAdapting({ ...plan, quirks }) };
}

describe("thinking that others signed", () => {
  test("is left out where signatures are verified, and what the backend signed stays", () => {
    const messages = [
      user("a"),
      assistant(thought("mine"), said("b")),
      user("c"),
      assistant(ours("yours"), said("d")),
      user("e"),
      assistant(
        { type: "thinking", thinking: "x", signature: "" },
        { type: "redacted_thinking", data: carrier },
        said("f"),
      ),
      user("g"),
      assistant(ours("alone")),
      user("h"),
    ];
    const { body, notes, needed } = adapt({ messages }, checking);
    expect(needed).toBe(true);
    expect(body.messages).toEqual([
      user("a"),
      assistant(thought("mine"), said("b")),
      user("c"),
      assistant(said("d")),
      user("e"),
      assistant(said("f")),
      user("g"),
      user("h"),
    ]);
    expect(notes).toContain("left out thinking that another backend signed");
  });

  test("keeps its words where nobody verifies", () => {
    const messages = [user("a"), assistant(ours("yours"), said("d")), user("e")];
    const { body, needed } = adapt({ messages }, { checksSignatures: false });
    expect(needed).toBe(true);
    expect(body.messages).toEqual([
      user("a"),
      assistant({ type: "thinking", thinking: "yours", signature: "" }, said("d")),
      user("e"),
    ]);
  });

  test("is left out where it was refused before", () => {
    const strange = { type: "thinking", thinking: "x", signature: "from-elsewhere" };
    const messages = [user("a"), assistant(strange, said("b")), user("c")];
    expect(adapt({ messages }, checking).needed).toBe(false);
    const { body } = adapt({ messages }, checking, [digestThinking(strange)]);
    expect(body.messages).toEqual([user("a"), assistant(said("b")), user("c")]);
  });

  test("in the turn that goes on, switches thinking off, with what needs it", () => {
    const messages = [user("a"), assistant(ours("x"), called("toolu_1", "Read", {})), result("toolu_1")];
    const context_management = {
      edits: [{ type: "clear_thinking_20251015" }, { type: "clear_tool_uses_20250919" }],
    };
    const thinking = { type: "enabled", budget_tokens: 2000 };
    const { body } = adapt({ messages, thinking, context_management, max_tokens: 4000 }, checking);
    expect(body.thinking).toEqual({ type: "disabled" });
    expect(body.context_management).toEqual({ edits: [{ type: "clear_tool_uses_20250919" }] });
    expect(adapt({ messages, thinking: { type: "adaptive" } }, checking).body.thinking).toEqual({
      type: "adaptive",
    });
  });

  test("of an empty carrier is ours, too", () => {
    const messages = [
      user("a"),
      assistant({ type: "thinking", thinking: "x", signature: emptySignature }, said("b")),
    ];
    expect(adapt({ messages }, checking).body.messages).toEqual([user("a"), assistant(said("b"))]);
  });
});

test("a search of ours becomes text, and a sealed one stays", () => {
  const search = (id: string, encrypted_content: string) => [
    { type: "server_tool_use", id, name: "web_search", input: { query: "q" } },
    {
      type: "web_search_tool_result",
      tool_use_id: id,
      content: [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content }],
    },
  ];
  const sealed = search("srvtoolu_2", "EqgfCioIARgBIiQ3YTAwMjY1");
  const messages = [
    user("a"),
    assistant(...search("srvtoolu_1", "what it says"), ...sealed, said("b")),
    user("c"),
  ];
  const { body } = adapt({ messages }, checking);
  expect(body.messages).toEqual([
    user("a"),
    assistant(said("- [A](https://a.example)\n  what it says"), ...sealed, said("b")),
    user("c"),
  ]);
});

describe("a backend that knows less", () => {
  test.each([
    [{ type: "adaptive" }, "medium", { type: "enabled", budget_tokens: 5000 }, { effort: "high" }],
    [{ type: "between_tools" }, "max", { type: "enabled", budget_tokens: 9500 }, { effort: "max" }],
    [{ type: "disabled" }, "low", { type: "disabled" }, { effort: "high" }],
    [
      { type: "enabled", budget_tokens: 1024 },
      "high",
      { type: "enabled", budget_tokens: 1024 },
      { effort: "high" },
    ],
  ])("gets thinking %p with effort %p in its own words", (thinking, effort, expected, config) => {
    const { body } = adapt({ thinking, output_config: { effort }, max_tokens: 10_000 }, lesser);
    expect(body.thinking).toEqual(expected);
    expect(body.output_config).toEqual(config);
  });

  test("does not think where max_tokens leaves no room for the smallest budget", () => {
    const { body, notes } = adapt({ thinking: { type: "adaptive" }, max_tokens: 1024 }, lesser);
    expect(body.thinking).toEqual({ type: "disabled" });
    expect(notes).toEqual(["switched thinking off: max_tokens leaves no room for it"]);
  });

  test("thinks when it is asked to where it knows only one way", () => {
    const thinking = ["adaptive", "disabled"] as const;
    const { body, notes } = adapt(
      { thinking: { type: "enabled", budget_tokens: 2000 }, output_config: { effort: "low" } },
      { ...lesser, thinking, efforts: [] },
    );
    expect(body.thinking).toEqual({ type: "adaptive" });
    expect(body.output_config).toBeUndefined();
    expect(notes).toEqual(["left out output_config.effort"]);
    const off = adapt({ thinking: { type: "disabled" } }, { ...lesser, thinking: ["enabled"] });
    expect(off.body.thinking).toBeUndefined();
    expect(off.notes).toEqual(["left out thinking: it cannot be switched off"]);
  });

  test("does not get fields, tools and blocks that it does not know, and each is named", () => {
    const { body, notes } = adapt(
      {
        speed: "fast",
        context_management: { edits: [] },
        tools: [
          { name: "Read", input_schema: {} },
          { type: "web_search_20250305", name: "web_search" },
        ],
        tool_choice: { type: "tool", name: "web_search" },
        messages: [
          user("a"),
          { role: "system", content: "mind" },
          assistant({ type: "brand_new" }, said("b"), called("toolu_1", "Read", {})),
          result("toolu_1"),
        ],
      },
      lesser,
    );
    expect(body.tools).toEqual([{ name: "Read", input_schema: {} }]);
    expect("tool_choice" in body || "speed" in body || "context_management" in body).toBe(false);
    expect(body.messages).toEqual([
      user("a"),
      user("<system-reminder>\nmind\n</system-reminder>"),
      assistant(said("b"), called("toolu_1", "Read", {})),
      result("toolu_1"),
    ]);
    expect(notes).toEqual([
      "left out context_management",
      "left out speed",
      "left out the tool web_search",
      "left out a block of the type brand_new",
    ]);
  });
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { drawScreen } from "../../../src/commands/top/draw-screen.ts";
import type { PageState } from "../../../src/page/page-state.ts";
import { createJournal } from "../../../src/telemetry/journal.ts";
import { entry } from "../../support/entries.ts";

const now = Date.UTC(2026, 10, 28, 12);

function stateOf(changes: Partial<PageState> = {}): PageState {
  const snapshot = createJournal(() => now - 60_000).snapshot();
  return {
    ...snapshot,
    version: "1.2.3",
    now,
    isWhole: true,
    hasUsage: false,
    errors: [],
    routes: [],
    backends: [],
    ...changes,
  };
}

const live = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    ...entry({ id: `live-${number}`, startedAt: now - 5000 }),
    firstTokenMs: number % 2 ? 800 : undefined,
    chunks: number,
  }));

const wide = { columns: 200, rows: undefined, isColored: false };

describe("a screen", () => {
  test("shows what is in flight, what went wrong and what has ended", () => {
    const state = stateOf({
      live: live(2),
      recent: [
        entry({ status: 529, error: "overloaded", retries: 2, costUsd: undefined }),
        entry({ client: "ann", class: "main", healed: ["left out stop"] }),
        entry({ status: 499 }),
      ],
      errors: [
        {
          error: "overloaded",
          status: 529,
          backend: "host:1",
          model: "big-model",
          count: 3,
          lastAt: now,
          advice: "Wait",
        },
      ],
    });
    const text = drawScreen(state, "http://127.0.0.1:8082", wide).join("\n");
    for (const words of [
      "claude-code-proxy 1.2.3  http://127.0.0.1:8082  up 1 min 0 s",
      "2 in flight (1 wait)",
      "waits",
      "answers (1)",
      "529 overloaded",
      "3 × overloaded (529) big-model @ host:1  Wait",
      "2 retried",
      "1 healed",
      "left",
      "1k→50",
      "40 %",
      "$0.01",
      "29/s",
    ])
      expect(text).toContain(words);
    expect(text).not.toContain("\x1b");
  });

  test("of a new proxy is not empty", () => {
    expect(drawScreen(stateOf(), "here", wide).filter((line) => line === "  none")).toHaveLength(2);
  });

  test("leaves out the columns that matter least", () => {
    const state = stateOf({ recent: [entry()] });
    const heads = (columns: number) =>
      drawScreen(state, "", { ...wide, columns }).find((line) => line.includes("status"));
    expect(heads(200)).toContain("backend");
    expect(heads(90)).not.toContain("backend");
    expect(heads(90)).toContain("cost");
    expect(heads(20)).toContain("status");
  });

  test("keeps its columns when a client has chosen a long name", () => {
    const long = entry({ asked: "claude-".repeat(500), model: "\u4e2d".repeat(500) });
    const lines = drawScreen(stateOf({ recent: [long] }), "", { ...wide, columns: 120 });
    expect(lines.find((line) => line.includes("claude-claude"))).toContain("1k→50");
    expect(lines.join("\n")).toContain("…");
  });

  test("is not steered by anything in a state", () => {
    const evil = "\x1b]0;pwn\x07\x9b31m\u202eabc\u2066\u2028";
    const group = { error: evil, status: 400, model: evil, backend: evil, count: 1, lastAt: 0, advice: evil };
    const named = entry({ asked: evil, model: evil, backend: evil, client: evil, class: evil, error: evil });
    const state = stateOf({ version: evil, errors: [group], recent: [named] });
    for (const line of drawScreen(state, "here", { ...wide, columns: Number.POSITIVE_INFINITY }))
      expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u);
  });

  test("fits, whatever is on it", () => {
    const name = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 200 }),
        fc.integer({ min: 5, max: 60 }),
        fc.nat({ max: 80 }),
        fc.array(fc.record({ asked: name, model: name, client: name }), { maxLength: 60 }),
        fc.boolean(),
        (columns, rows, waiting, names, isColored) => {
          const state = stateOf({ live: live(waiting), recent: names.map((changes) => entry(changes)) });
          const lines = drawScreen(state, "http://127.0.0.1:8082", { columns, rows, isColored });
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) {
            expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
            expect(Bun.stripANSI(line)).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
    );
  });
});

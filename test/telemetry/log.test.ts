import { expect, test } from "bun:test";
import { createLog, type LogFormat } from "../../src/telemetry/log.ts";

function write(format: LogFormat): string[] {
  const lines: string[] = [];
  const now = () => new Date("2026-01-02T03:04:05.678Z");
  const log = createLog("INFO", (line) => lines.push(line), { format, now });
  log.debug("Not this");
  log.info("Answered", { id: "req_1", tokens: 7, cached: false, nothing: undefined });
  log.error("Two\nlines \u001b[2J", { text: "a\nb" });
  return lines;
}

test("for people: one line per event, without control characters", () => {
  expect(write("text")).toEqual([
    "2026-01-02T03:04:05.678Z INFO    Answered id=req_1 tokens=7 cached=false",
    '2026-01-02T03:04:05.678Z ERROR   Two lines  [2J text="a b"',
  ]);
});

test("as JSON: one object a line, with the same fields", () => {
  const lines = write("json");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      time: "2026-01-02T03:04:05.678Z",
      level: "INFO",
      message: "Answered",
      id: "req_1",
      tokens: 7,
      cached: false,
    },
    { time: "2026-01-02T03:04:05.678Z", level: "ERROR", message: "Two\nlines \u001b[2J", text: "a\nb" },
  ]);
  expect(lines.join("")).not.toMatch(/\p{Cc}/u);
});

test("long foreign text is cut, in the message and in fields", () => {
  for (const format of ["text", "json"] as const) {
    const lines: string[] = [];
    const log = createLog("INFO", (line) => lines.push(line), { format });
    log.warning("m".repeat(1_000_000), { model: "x".repeat(3_000_000) });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(10_000);
  }
});

test("the level can be changed", () => {
  const lines: string[] = [];
  const log = createLog("WARNING", (line) => void lines.push(line), { format: "json" });
  log.info("One");
  log.setLevel("INFO");
  log.info("Two");
  log.debug("Three");
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(["Two"]);
  expect([log.shows("INFO"), log.shows("DEBUG")]).toEqual([true, false]);
});

import { describe, expect, test } from "bun:test";
import { ProxyError } from "../../../src/errors.ts";
import { OpenLine } from "../../../src/upstream/transport/hold-line.ts";

const url = "http://127.0.0.1:1/v1?key=secret";

function openLine(silenceMs: number, firstSilenceMs = silenceMs) {
  const leave = new AbortController();
  let ends = 0;
  const over = Promise.withResolvers<void>();
  const line = new OpenLine({ url, silenceMs, firstSilenceMs, signal: leave.signal }, undefined, () => {
    ends += 1;
    over.resolve();
  });
  return { line, leave, over: over.promise, ends: () => ends };
}

describe("a line ends once", () => {
  const ways: readonly (readonly [string, (line: OpenLine, leave: AbortController) => void, boolean])[] = [
    ["with its last byte", (line) => line.end(), false],
    ["when it is aborted", (line) => line.abort(), true],
    ["with what has been found out", (line) => line.fail(new Error("no")), true],
    ["with its signal", (_, leave) => leave.abort(), true],
  ];
  test.each(ways)("%s", (_, end, aborts) => {
    const { line, leave, ends } = openLine(60_000);
    expect(line.isOver).toBe(false);
    end(line, leave);
    line.end();
    leave.abort();
    expect([line.isOver, ends(), line.signal.aborted]).toEqual([true, 1, aborts]);
  });

  test("before it has begun, if its signal is aborted already", () => {
    const line = new OpenLine({ url, silenceMs: 1, signal: AbortSignal.abort() }, undefined, () => {});
    expect([line.isOver, line.signal.aborted]).toEqual([true, true]);
  });
});

describe("a silent backend", () => {
  test("ends it after too long a wait", async () => {
    const { line, over } = openLine(5);
    line.startWait();
    await over;
    expect([line.isSilent, line.signal.aborted]).toEqual([true, true]);
    expect(line.explain(new Error("aborted"))).toMatchObject({ kind: "timeout" });
  });

  test("ends nothing between two waits", async () => {
    const { line } = openLine(5);
    line.startWait();
    line.endWait();
    await Bun.sleep(20);
    expect([line.isOver, line.hasAnswered]).toEqual([false, true]);
    line.end();
  });

  test("has another limit once the model has begun, and a shorter one when that is asked for", async () => {
    const { line, over } = openLine(60_000, 5);
    line.begin();
    line.startWait();
    await Bun.sleep(20);
    expect(line.isOver).toBe(false);
    line.limitSilence(5);
    await over;
    expect(line.isSilent).toBe(true);
  });
});

describe("a failure is explained", () => {
  test("with the caller's reason for ending it", () => {
    const { line, leave } = openLine(60_000);
    const reason = new ProxyError("overloaded", "The proxy is stopping");
    leave.abort(reason);
    expect(line.explain(new Error("aborted"))).toBe(reason);
  });

  test("with what has been found out, and without the URL", () => {
    const { line } = openLine(60_000);
    line.fail(Object.assign(new Error(url), { code: "ECONNREFUSED" }));
    const { kind, message } = line.explain(new Error("aborted"));
    expect(kind).toBe("unreachable");
    expect(message).toContain("127.0.0.1:1");
    expect(message).not.toContain("secret");
  });
});

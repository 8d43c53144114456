import { expect, test } from "bun:test";
import { exitRows, exits } from "../../src/commands/exit-codes.ts";

test("every exit has a code of its own, and a row", () => {
  const codes = Object.values(exits).map(({ code }) => String(code));
  expect(new Set(codes).size).toBe(codes.length);
  expect(exitRows.map(([code]) => code)).toEqual([...codes, "others"]);
});

test("signals exit with 128 and their number, as shells report them", () => {
  expect([exits.interrupted.code, exits.terminated.code]).toEqual([130, 143]);
});

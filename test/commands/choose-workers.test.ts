import { expect, test } from "bun:test";
import { chooseWorkers } from "../../src/commands/choose-workers.ts";

const linux = { platform: "linux", processors: 6, cassette: undefined };
const mac = { ...linux, platform: "darwin" };
const replaying = { ...linux, cassette: { mode: "replay", directory: "tapes", timed: false } } as const;

test("auto is one worker for each processor, where several can share a port", () => {
  expect(chooseWorkers("auto", linux)).toBe(6);
  expect(chooseWorkers("auto", mac)).toBe(1);
  expect(chooseWorkers("auto", replaying)).toBe(1);
});

test("a number is taken, or is an error where it cannot work", () => {
  expect(chooseWorkers(3, linux)).toBe(3);
  expect(chooseWorkers(1, mac)).toBe(1);
  expect(() => chooseWorkers(3, mac)).toThrow("WORKERS=3: several workers need Linux");
  expect(() => chooseWorkers(3, replaying)).toThrow("WORKERS=3: --replay needs one process");
});

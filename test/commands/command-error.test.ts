import { expect, test } from "bun:test";
import { explainMissing, explainUnusable } from "../../src/commands/command-error.ts";

test("what is wrong decides the exit code, as in shells", () => {
  expect(explainMissing("x")).toMatchObject({
    message: "Cannot run x: there is no such program",
    exitCode: 127,
  });
  expect(explainMissing("x", "install it").message).toEndWith("; install it");
  expect(explainUnusable("x")).toMatchObject({ exitCode: 126 });
});

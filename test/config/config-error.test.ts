import { expect, test } from "bun:test";
import { ConfigError } from "../../src/config/config-error.ts";

test("each problem has a line of its own, and cannot steer the terminal", () => {
  const { message, problems } = new ConfigError(["PORT=\u001b[2J: no", "HOST: no"]);
  expect(message).toBe("Cannot start: the configuration has 2 problems\n  PORT= [2J: no\n  HOST: no");
  expect(problems).toHaveLength(2);
  expect(new ConfigError(["PORT: no"]).message).toContain("one problem");
});

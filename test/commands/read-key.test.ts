import { expect, test } from "bun:test";
import { readKeyLine } from "../../src/commands/read-key.ts";
import { ConfigError } from "../../src/config/config-error.ts";

/** A pipe with that content; `rest` is what was not read. */
function pipe(text: string) {
  const bytes = new TextEncoder().encode(text);
  let taken = 0;
  return { next: () => bytes[taken++], rest: () => text.slice(taken) };
}

test("the first line is trimmed, and the rest stays in the pipe", () => {
  for (const text of ["sk-1\nrest", "sk-1\r\nrest", " sk-1 \nrest"]) {
    const { next, rest } = pipe(text);
    expect(readKeyLine(next)).toBe("sk-1");
    expect(rest()).toBe("rest");
  }
  expect(readKeyLine(pipe("sk-1").next)).toBe("sk-1");
});

test("an empty or endless line is an error that does not show the key", () => {
  for (const text of ["", "\nsk-1", "  \n"])
    expect(() => readKeyLine(pipe(text).next)).toThrow("the first line is empty");
  expect(() => readKeyLine(() => 65)).toThrow(ConfigError);
  expect(() => readKeyLine(() => 65)).not.toThrow("AAAA");
});

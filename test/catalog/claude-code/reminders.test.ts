import { expect, test } from "bun:test";
import { reminders, writeReminder } from "../../../src/catalog/claude-code/reminders.ts";

test("a reminder is found again, with what is around it left alone", () => {
  const text = `before ${writeReminder("one\ntwo")} between ${writeReminder("three")} after`;
  expect(text.match(reminders)).toHaveLength(2);
  expect(text.replace(reminders, "")).toBe("before  between  after");
});

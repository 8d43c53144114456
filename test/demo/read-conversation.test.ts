import { expect, test } from "bun:test";
import { findDirectory, readConversation } from "../../src/demo/read-conversation.ts";
import { chatRequest } from "../../src/demo/wire.ts";

const request = (...messages: object[]) => chatRequest.parse({ model: "m", messages });
const user = (content: string) => ({ role: "user", content });

test("the last words of a person count, without what the client adds", () => {
  const heard = (...messages: object[]) => readConversation(request(...messages)).said;
  expect(heard(user("a"), { role: "assistant" }, user("b"))).toBe("b");
  expect(heard(user("b"), user("<system-reminder>x</system-reminder>"))).toBe("b");
  expect(heard(user('<ide_opened_file path="x">y</ide_opened_file> What is <b>this</b>?'))).toBe(
    "What is <b>this</b>?",
  );
  expect(heard(user("<local-command-stdout></local-command-stdout>"))).toBe("");
});

test("results and calls are found", () => {
  const call = { function: { name: "f", arguments: "{}" } };
  const messages = [user("a"), { role: "assistant", tool_calls: [call] }, { role: "tool", content: "r" }];
  expect(readConversation(request(...messages))).toEqual({
    said: "",
    result: "r",
    calls: [{ name: "f", arguments: "{}" }],
  });
  expect(readConversation(request(...messages, { role: "assistant" }, user("b"))).result).toBeUndefined();
});

test("the directory is read from a system message or a reminder, not from what a person says", () => {
  const line = "Primary working directory: /home/me/x\nplatform: linux";
  expect(findDirectory(request({ role: "system", content: line }, user("a")))).toBe("/home/me/x");
  expect(findDirectory(request(user(`Hi <system-reminder>${line}</system-reminder>`)))).toBe("/home/me/x");
  expect(findDirectory(request(user(line)))).toBeUndefined();
});

import { expect, test } from "bun:test";
import { placeBlocks, readTurns } from "../../../src/upstream/content/read-turns.ts";
import { assistant, system, text, user } from "../../support/chat-requests.ts";
import { planFor } from "../../support/plans.ts";
import { ask } from "../../support/proxy.ts";

function turnsOf(...given: object[]) {
  const { messages } = planFor(ask({ messages: given })).request;
  return readTurns(messages).map((turn) => [
    turn.role,
    ...placeBlocks(messages, turn).map(({ at, isSystem }) => (isSystem ? `system ${at}` : at)),
  ]);
}

test("adjacent messages of one side are one turn, and each block keeps its place", () => {
  expect(turnsOf(user(text("1"), text("2")), user("3"), assistant("4"), assistant("5"))).toEqual([
    ["user", "messages.0.content.0", "messages.0.content.1", "messages.1.content.0"],
    ["assistant", "messages.2.content.0", "messages.3.content.0"],
  ]);
});

test("a system message belongs to the user's turn, and an empty one to none", () => {
  expect(turnsOf(user("1"), system("2"), user("3"))).toEqual([
    ["user", "messages.0.content.0", "system messages.1.content.0", "messages.2.content.0"],
  ]);
  expect(turnsOf(user("1"), system(), assistant("2"))).toHaveLength(2);
});

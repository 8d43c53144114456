import { expect, test } from "bun:test";
import { completeChat } from "../../src/demo/complete-chat.ts";

const ask = (body: unknown) =>
  completeChat(new Request("http://demo/v1", { method: "POST", body: JSON.stringify(body) }));
const question = { model: "demo-big", messages: [{ role: "user", content: "Hello" }] };

test("the answer comes in one piece, or as a stream with the same words", async () => {
  const { choices } = (await (await ask(question)).json()) as {
    choices: { message: { content: string }; finish_reason: string }[];
  };
  expect(choices[0]?.finish_reason).toBe("stop");
  const stream = await (await ask({ ...question, stream: true })).text();
  const words = [...stream.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text ?? ""),
  );
  expect(words.join("")).toBe(choices[0]?.message.content ?? "");
  expect(stream).toEndWith("data: [DONE]\n\n");
});

test("a body that is no request is refused", async () => {
  expect((await ask({ model: "demo-big" })).status).toBe(400);
});

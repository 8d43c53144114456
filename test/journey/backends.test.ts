/**
 * Every backend of `catalog/backends/` by its name: what it is asked, field for field, by a server that accepts no
 * other field, and how its answers reach a client, streaming or not.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { backendNames } from "../../src/catalog/backends/known-backends.ts";
import { expectedAnswers } from "../fixtures/openai-chat/expected.ts";
import { backendRows, session, wishes } from "../support/backend-rows.ts";
import { type FakeReply, json, raw } from "../support/fake-upstream.ts";
import { checkStream, foldContent } from "../support/grammar.ts";
import { ask, readError, startProxy } from "../support/proxy.ts";

const folder = `${import.meta.dir}/../fixtures/openai-chat/`;

const client = { "x-claude-code-session-id": session };

const message = z.object({ content: z.array(z.looseObject({})) });

async function answerOf(file: string): Promise<FakeReply> {
  const type = file.endsWith(".sse") ? "text/event-stream" : "application/json";
  return raw(await Bun.file(folder + file).bytes(), { splitEvery: 97, headers: { "content-type": type } });
}

async function refusalOf(file: string): Promise<FakeReply> {
  const { status, body } = await Bun.file(folder + file).json();
  return json(body, status);
}

describe.each(Object.entries(backendRows))("%s", (backend, row) => {
  const inFolder = (file: string) => `${backend}/${file}`;
  const started = startProxy(() => answerOf(inFolder(row.text)), {
    config: {
      backend: { name: backendNames.find((name) => name === backend) },
      models: { big: row.model },
    },
    upstream: { auth: row.auth ?? "bearer", extensions: row.extensions ?? [] },
  });
  afterAll(async () => (await started).close());

  test("is asked only for what it takes", async () => {
    const proxy = await started;
    proxy.upstream.follow(() => answerOf(inFolder(row.text)));
    const response = await proxy.post(ask(wishes), client);
    expect(response.status).toBe(200);
    const { body, headers, refused } = proxy.upstream.lastChat();
    expect(refused).toBeUndefined();
    expect(headers.has(row.auth === "api-key" ? "authorization" : "api-key")).toBe(false);
    expect(body).toEqual({
      model: row.model,
      messages: expect.any(Array),
      stream: true,
      tools: expect.any(Array),
      ...row.fields,
    });
  });

  for (const file of [row.text, row.call]) {
    test(`${file}: streaming and other clients get the same`, async () => {
      const proxy = await started;
      const expected = expectedAnswers.find((answer) => answer.file === inFolder(file));
      proxy.upstream.follow(() => answerOf(inFolder(file)));
      const stream = await proxy.post(ask({ tools: wishes.tools, stream: true }));
      const streamed = foldContent(checkStream(await stream.text(), { allowTruncated: true }));
      // State that the backend wants back is not content.
      const told = streamed.filter(({ type }) => type !== "redacted_thinking");
      const content = told.map(({ type, ...block }) => {
        if ("text" in block) return { type, text: block.text };
        if ("thinking" in block) return { type, thinking: block.thinking };
        return "input" in block ? { type, name: block.name, input: block.input } : { type };
      });
      expect(content).toEqual([...(expected?.content ?? [])]);

      const whole = message.parse(await (await proxy.post(ask({ tools: wishes.tools }))).json());
      const withoutIds = (blocks: readonly object[]) => blocks.map((block) => ({ ...block, id: "" }));
      expect(withoutIds(whole.content)).toEqual(withoutIds(streamed));
    });
  }

  test("its refusal reaches the client before any answer", async () => {
    const proxy = await started;
    const [file, status, type, message] = row.error;
    proxy.upstream.follow(() => refusalOf(inFolder(file)));
    for (const stream of [true, false]) {
      const response = await proxy.post(ask({ stream }));
      const { error } = await readError(response);
      expect([response.status, error.type]).toEqual([status, type]);
      expect(error.message).toContain(message);
    }
  });
});

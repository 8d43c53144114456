import { expect, test } from "bun:test";
import fc from "fast-check";
import { cutAttachments } from "../../../../src/anthropic/cut-attachments.ts";
import { writeNativeRequest } from "../../../../src/upstream/anthropic-messages/request/write-native-request.ts";
import { packCarrier } from "../../../../src/upstream/reasoning/pack-carrier.ts";
import { nativePlan } from "../../../support/native-plans.ts";
import { ask } from "../../../support/proxy.ts";

test("any request is written as it came, but for the model's name", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (fields, space) => {
      const text = JSON.stringify({ ...fields, ...ask() }, undefined, space);
      const plan = nativePlan();
      const original = { bytes: Buffer.from(text), attachments: [] };
      expect(writeNativeRequest({ ...plan, original }, []).body).toBe(text);
      const other = writeNativeRequest({ ...plan, original, model: 'a"b' }, []).body;
      expect(JSON.parse(String(other))).toEqual({ ...JSON.parse(text), model: 'a"b' });
    }),
  );
});

test("attachments are back in their places, also if something else changes", () => {
  const data = Buffer.alloc(30_000, 1).toString("base64");
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data } };
  const carrier = packCarrier({ form: "text", origin: "m", items: [] }) ?? "";
  const turn = { role: "assistant", content: [{ type: "thinking", thinking: "x", signature: carrier }] };
  for (const messages of [[{ role: "user", content: [image] }], [{ role: "user", content: [image] }, turn]]) {
    const text = JSON.stringify(ask({ messages }));
    const plan = { ...nativePlan(text), original: cutAttachments(Buffer.from(text)) };
    expect(JSON.parse(String(writeNativeRequest(plan, []).body)).messages[0].content).toEqual([image]);
  }
});

test("a question of the proxy's own is written in Anthropic's format", () => {
  const own = nativePlan(ask({ model: "claude-haiku-5", system: "Be brief" }), { original: undefined });
  expect(JSON.parse(String(writeNativeRequest(own, []).body))).toMatchObject({
    model: "claude-haiku-5",
    system: [{ type: "text", text: "Be brief" }],
    messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  });
});

test("corrections change the body", () => {
  const plan = nativePlan(ask({ context_management: { edits: [] } }));
  const { body } = writeNativeRequest(plan, [{ change: "drop", path: "context_management" }]);
  expect(JSON.parse(String(body))).toEqual(ask());
});

import { describe, expect, test } from "bun:test";
import { listImages } from "../../src/adapt/images/adapt-images.ts";
import { ProxyError, type RefusedMedia } from "../../src/errors.ts";
import { planWithoutMedia, refuseMediaKind } from "../../src/journey/adapt-media.ts";
import { createRouting } from "../../src/plan/create-routing.ts";
import { createTokenCounter } from "../../src/plan/size/tokens.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createHealing } from "../../src/upstream/attempt/remember-corrections.ts";
import { planFor } from "../support/plans.ts";
import { testConfig } from "../support/proxy.ts";

const config = testConfig({ backend: { name: "openai" } });
const preparation = {
  ...createRouting(config),
  tokens: createTokenCounter(),
  sessionId: undefined,
  compressor: { compress: async <Request>(request: Request) => request },
  pdfs: {
    readPictures: async () => new Map(),
    read: async () => ({
      kind: "text" as const,
      title: undefined,
      pageCount: 1,
      pages: [{ text: "Buy nails", isPicture: false }],
    }),
  },
  healing: createHealing(createLog("ERROR", () => {})),
  note() {},
};

const image = (url: string) => ({ type: "image", source: { type: "url", url: `https://a.example/${url}` } });
const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } };
const planOf = (...turns: object[][]) =>
  planFor({
    max_tokens: 9,
    model: "claude-opus-5-5",
    messages: turns.flatMap((content) => [
      { role: "user", content },
      { role: "assistant", content: "I see" },
      { role: "user", content: "Go on" },
    ]),
  });
const plan = planOf([image("1"), image("2")]);

const refusal = (refuses?: RefusedMedia, message = "no", upstreamStatus = 400) =>
  new ProxyError("invalid-request", message, { refuses, upstreamStatus });
const left = async (error: ProxyError, given = plan) => {
  const next = await planWithoutMedia(given, error, preparation);
  return next && { images: listImages(next.plan.request).length, lesson: next.lesson };
};

describe("images", () => {
  test("are all left out if the model sees none", async () => {
    expect(await left(refusal({ media: "image", extent: "all" }))).toEqual({
      images: 0,
      lesson: { refuses: "images" },
    });
  });

  test("beyond a number are left out", async () => {
    expect(await left(refusal({ media: "image", extent: "beyond", max: 1 }))).toEqual({
      images: 1,
      lesson: { refuses: "more-images", max: 1 },
    });
  });

  test.each([{}, { max: 0 }, { max: 9 }])(
    "are left out like a broken one if the number is %j",
    async (more) => {
      const next = await left(refusal({ media: "image", extent: "beyond", ...more }));
      expect(next).toMatchObject({ images: 0, lesson: { refuses: "these-images" } });
    },
  );

  test.each([
    "Request contains an invalid argument.",
    "Invalid request.",
    "Invalid request",
    "Bad Request",
    "Acme: Invalid argument",
    "The backend answered 400 without an explanation",
  ])("may be what is meant by %j", async (message) => {
    expect(await left(refusal(undefined, message))).toMatchObject({ images: 0 });
  });

  test.each(["Invalid request: tools[0] is wrong", "Invalid API key", "Unsupported parameter: 'top_p'"])(
    "are not what is meant by %j",
    async (message) => expect(await left(refusal(undefined, message))).toBeUndefined(),
  );

  test("are not sought where there are none", async () => {
    const plain = planOf([{ type: "text", text: "Hi" }]);
    expect(await left(refusal({ media: "image", extent: "all" }), plain)).toBeUndefined();
  });
});

test("PDFs become text, and only a refusal of all of them is remembered", async () => {
  const withPdf = planOf([pdf]);
  expect((await left(refusal({ media: "pdf", extent: "all" }), withPdf))?.lesson).toEqual({
    refuses: "pdfs",
  });
  expect((await left(refusal({ media: "pdf", extent: "one" }), withPdf))?.lesson).toBeUndefined();
  expect(await left(refusal({ media: "pdf", extent: "all" }))).toBeUndefined();
});

describe("a client is asked to remove a kind of media", () => {
  const messageFor = (refuses: RefusedMedia, given = plan) =>
    refuseMediaKind(given.request, refusal(refuses)).message;

  test("if the backend certainly takes none, and the request holds some", () => {
    expect(messageFor({ media: "image", extent: "all" })).toBe("capability_rejected: image_block");
    expect(messageFor({ media: "pdf", extent: "all" }, planOf([pdf]))).toBe(
      "capability_rejected: document_block",
    );
  });

  test("and otherwise told the backend's words", () => {
    expect(messageFor({ media: "image", extent: "one" })).toBe("no");
    expect(messageFor({ media: "pdf", extent: "all" })).toBe("no");
  });
});

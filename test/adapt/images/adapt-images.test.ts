import { describe, expect, test } from "bun:test";
import {
  adaptImages,
  digestOf,
  leaveOutImages,
  listImages,
  type RefusedImages,
} from "../../../src/adapt/images/adapt-images.ts";
import { messagesRequest } from "../../../src/anthropic/wire.ts";
import { ask } from "../../support/proxy.ts";

const image = (data: string) => ({
  type: "image",
  source: { type: "base64", media_type: "image/png", data },
});
const png = image("iVBORw0KGgoAAA");
const svg = image(Buffer.from("<svg/>").toString("base64"));
const call = { type: "tool_use", id: "t1", name: "Read", input: {} };
const result = (...content: object[]) => ({ type: "tool_result", tool_use_id: "t1", content });
const document = (...content: object[]) => ({ type: "document", source: { type: "content", content } });

const requestWith = (...content: object[]) =>
  messagesRequest.parse(
    ask({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [call] },
        { role: "user", content },
      ],
    }),
  );

const accepted: RefusedImages = { all: false, max: undefined, has: undefined };
function adapt(request: ReturnType<typeof requestWith>, refused: Partial<RefusedImages> = {}) {
  const notes: string[] = [];
  const adapted = adaptImages(request, {
    refused: { ...accepted, ...refused },
    note: (words) => void notes.push(words),
  });
  return { adapted, notes, text: JSON.stringify(adapted.messages) };
}

test("a request without images, or with images that can be read, is not copied", () => {
  for (const request of [requestWith({ type: "text", text: "No" }), requestWith(result(png), png)]) {
    expect(adapt(request).adapted).toBe(request);
  }
});

test("an image in a format that no model reads becomes a note, wherever it is", () => {
  const request = requestWith(result(svg, png), document(svg), svg);
  const { adapted, notes, text } = adapt(request);
  expect(text.match(/it is a file of the format SVG/g)).toHaveLength(3);
  expect(listImages(adapted)).toHaveLength(1);
  expect(notes).toEqual(["left out an image of the format SVG"]);
});

test("a note keeps the cache mark of its image", () => {
  const marked = { ...svg, cache_control: { type: "ephemeral" } };
  expect(adapt(requestWith(result(), marked)).text).toContain('"cache_control":{"type":"ephemeral"}');
});

describe("what the backend has refused is not sent again", () => {
  test("all images", () => {
    const { adapted, notes } = adapt(requestWith(result(png), png), { all: true, max: 0 });
    expect(listImages(adapted)).toEqual([]);
    expect(notes.join()).toStartWith("left out images, because the model cannot see them; VISION_MODEL");
  });

  test("one image", () => {
    const other = image("iVBORw0KGgoBBB");
    const request = requestWith(result(png, other));
    const [first] = listImages(request);
    const refused = first && digestOf(first);
    const { adapted } = adapt(request, { has: (digest) => digest === refused });
    expect(listImages(adapted)).toHaveLength(1);
    expect(listImages(adapted)[0]?.source).toMatchObject(other.source);
  });

  test("more images than it takes: the last ones are kept", () => {
    const others = [1, 2, 3].map((n) => image(`iVBORw0KGgo${n}${n}${n}`));
    const { adapted, text } = adapt(requestWith(result(...others)), { max: 2 });
    expect(listImages(adapted).map(({ source }) => source)).toMatchObject(
      others.slice(1).map(({ source }) => source),
    );
    expect(text).toContain("at most 2 can be shown at once");
  });
});

test("images are told apart by their data, URL or file", () => {
  const sources = [
    { type: "base64", media_type: "image/png", data: "AAAA" },
    { type: "base64", media_type: "image/png", data: "AAAB" },
    { type: "url", url: "https://a.example/1.png" },
    { type: "file", file_id: "file_1" },
  ];
  const images = listImages(requestWith(result(), ...sources.map((source) => ({ type: "image", source }))));
  expect(new Set(images.map(digestOf)).size).toBe(4);
});

test("nothing is copied if nothing is left out", () => {
  const request = requestWith(result(png));
  expect(leaveOutImages(request, () => undefined)).toBe(request);
});

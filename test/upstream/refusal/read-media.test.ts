import { expect, test } from "bun:test";
import { describeRefusedMedia, readRefusedMedia } from "../../../src/upstream/refusal/read-media.ts";
import { mediaWordings, noMediaWordings } from "../../fixtures/wordings/media.ts";

test.each(mediaWordings)("%s, %i: %s", (_source, status, text, refused) => {
  expect(readRefusedMedia(status, text)).toEqual(refused);
});

test.each(noMediaWordings)("%i %s refuses no media", (status, text) => {
  expect(readRefusedMedia(status, text)).toBeUndefined();
});

test("is described in the words by which a client removes it", () => {
  expect(describeRefusedMedia({ media: "image", extent: "all" }, "no")).toBe("Could not process image: no");
  expect(describeRefusedMedia({ media: "pdf", extent: "one" }, "no")).toBe("Could not process pdf: no");
});

import { expect, test } from "bun:test";
import { readRefusedMedia } from "../../../src/upstream/refusal/read-media.ts";
import { mediaWordings, noMediaWordings } from "../../fixtures/wordings/media.ts";

test.each(mediaWordings)("%s, %i: %s", (_source, status, text, refused) => {
  expect(readRefusedMedia(status, text)).toEqual(refused);
});

test.each(noMediaWordings)("%i %s refuses no media", (status, text) => {
  expect(readRefusedMedia(status, text)).toBeUndefined();
});

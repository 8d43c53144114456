import { expect, test } from "bun:test";
import { describeRefusedMedia, readRefusedMedia } from "../../../src/upstream/refusal/read-media.ts";

test.each([
  [404, "No endpoints found that support image input", "image"],
  [500, "image input is not supported - hint: you may need to provide the mmproj", "image"],
  [400, "Invalid content part type: file", "pdf"],
  [0, "This model does not support PDFs", "pdf"],
  [400, "Invalid PDF: the file could not be parsed", "damaged-pdf"],
  [422, "Failed to parse the PDF", "damaged-pdf"],
  [400, "Unsupported parameter: 'top_p'", undefined],
  [429, "image input is not supported", undefined],
] as const)("%i %s", (status, text, media) => {
  expect(readRefusedMedia(status, text)).toBe(media);
});

test("is described in the words by which a client removes it", () => {
  expect(describeRefusedMedia("image", "no")).toBe("Could not process image: no");
  expect(describeRefusedMedia("pdf", "no")).toBe("Could not process pdf: no");
  expect(describeRefusedMedia("damaged-pdf", "no")).toBe("Could not process pdf: no");
});

import { expect, test } from "bun:test";
import { describeRefusedMedia, readRefusedMedia } from "../../../src/upstream/refusal/read-media.ts";

test.each([
  [
    500,
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    "image",
  ],
  [404, "No endpoints found that support image input", "image"],
  [400, "Invalid content type. image_url is only supported by certain models.", "image"],
  [400, "Failed to deserialize: unknown variant `image_url`, expected `text`", "image"],
  [400, "tiny is not a multimodal model", "image"],
  [400, "At most 0 image(s) may be provided in one request.", "image"],
  [400, "This model does not support image input", "image"],
  [400, "Model doesn't support images", "image"],
  [400, "Invalid image data", "image"],
  [404, "No endpoints found that support file input", "pdf"],
  [400, "This model does not support file content", "pdf"],
  [400, "unknown variant `file`, expected `text`", "pdf"],
  [400, "Invalid value: file. Supported values are: 'text', 'image_url', 'video_url' and 'video'.", "pdf"],
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

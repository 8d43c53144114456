/** Recognizes the refusal of an image or a file, in every server's wording. */
import { describeUnusableMedia } from "../../anthropic/write-refusal.ts";
import type { RefusedMedia } from "../../errors.ts";

const wordings: readonly (readonly [media: "image" | "pdf", wording: RegExp])[] = [
  ["image", /image(_url|s)?( inputs?| content)? (is|are) (not|only) supported/i],
  [
    "image",
    /(not|n't|cannot) (support|accept|process|handle|read)\w* (\w+ ){0,2}(images?|vision|multimodal|image_url)/i,
  ],
  ["image", /no endpoints found that support image|not a multimodal model|at most 0 image/i],
  ["image", /unknown variant .?image_url/i],
  ["image", /(invalid|unsupported|corrupt(ed)?) (base64 )?image|could not process image/i],
  ["image", /(failed|unable) to (load|decode|process|parse|read) (the )?image/i],
  ["pdf", /(pdf|file|document)s?( inputs?| content)? (is|are) (not|only) supported/i],
  ["pdf", /(not|n't|cannot) (support|accept|process)\w* (\w+ ){0,2}(pdfs?|files?|documents?)\b/i],
  ["pdf", /no endpoints found that support (file|pdf)|could not process pdf/i],
  ["pdf", /(unknown variant|invalid value:|content( part)? type:?) ['"`]?(file|document_url)\b/i],
  ["pdf", /(invalid|unsupported|corrupt(ed)?) pdf|(failed|unable) to (load|parse|read) (the )?pdf/i],
];

/** Complaints about this one file; the next may be accepted. */
const damaged = /(invalid|corrupt\w*|damaged) (pdf|file|document)|(failed|unable) to/i;

/** For a model that cannot see images, OpenRouter answers 404 and llama.cpp 500; 0 is an error without a status. */
const statuses = new Set([0, 400, 404, 415, 422, 500]);

export function readRefusedMedia(status: number, text: string): RefusedMedia | undefined {
  if (!statuses.has(status)) return undefined;
  const media = wordings.find(([, wording]) => wording.test(text))?.[0];
  return media === "pdf" && damaged.test(text) ? "damaged-pdf" : media;
}

/** What to tell the client, which can go on without the image or file. */
export function describeRefusedMedia(media: RefusedMedia, text: string): string {
  return describeUnusableMedia(media === "image" ? "image" : "pdf", text);
}

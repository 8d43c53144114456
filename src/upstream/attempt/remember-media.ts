/** What refusals have taught us about the images and PDFs that models accept; forgotten with the process. */
import type { RefusedImages } from "../../adapt/images/adapt-images.ts";
import { createLru } from "../../lib/lru.ts";
import { placeKey, type Target } from "../../plan/choose-target.ts";
import type { Log } from "../../telemetry/log.ts";

/** A model at its address, about which something is remembered. */
export type ModelPlace = Pick<Target, "model" | "backend" | "url">;

export type MediaLesson =
  | { readonly refuses: "pdfs" }
  | { readonly refuses: "images" }
  /** More images in one request than `max`. */
  | { readonly refuses: "more-images"; readonly max: number }
  /** Only these, by their digests. */
  | { readonly refuses: "these-images"; readonly digests: readonly string[] };

export type MediaMemory = {
  refusesPdfs(place: ModelPlace): boolean;
  refusedImages(place: ModelPlace): RefusedImages;
  learn(place: ModelPlace, lesson: MediaLesson): void;
};

/** Refused images that are remembered, of all models together. */
const maxDigests = 4096;

/** @param maxModels how many models are remembered; beyond that, the least recently used is forgotten */
export function createMediaMemory(log: Log, maxModels = 256): MediaMemory {
  const withoutPdfs = createLru<string, true>(maxModels);
  const maxImages = createLru<string, number>(maxModels);
  const refusedDigests = createLru<string, true>(maxDigests);
  /** Models of which an image was refused: for the others, no digest is made. */
  const choosy = createLru<string, true>(maxModels);

  return {
    refusesPdfs: (place) => withoutPdfs.get(placeKey(place)) === true,
    refusedImages(place) {
      const key = placeKey(place);
      const max = maxImages.get(key);
      const has = choosy.get(key) && ((digest: string) => refusedDigests.get(`${key}\n${digest}`) === true);
      return { all: max === 0, max, has };
    },
    learn(place, lesson) {
      const key = placeKey(place);
      const say = (words: string) =>
        log.warning(`Learned what ${place.model} accepts: ${words}`, { backend: place.backend.name });
      switch (lesson.refuses) {
        case "pdfs":
          withoutPdfs.set(key, true);
          return say("PDFs became text");
        case "images":
          maxImages.set(key, 0);
          return say("images became notes");
        case "more-images":
          maxImages.set(key, lesson.max);
          return say(`at most ${lesson.max} images at once`);
        case "these-images":
          choosy.set(key, true);
          for (const digest of lesson.digests) refusedDigests.set(`${key}\n${digest}`, true);
          return;
        default:
          return lesson satisfies never;
      }
    },
  };
}

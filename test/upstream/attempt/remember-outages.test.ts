import { expect, test } from "bun:test";
import { createOutages } from "../../../src/upstream/attempt/remember-outages.ts";

test("an outage is that of a model at an address, and lasts until an answer or for two minutes", () => {
  let now = 0;
  const outages = createOutages(8, () => now);
  const place = { model: "m", url: "http://h/v1" };
  outages.begin(place);
  expect(outages.lasts(place)).toBe(true);
  expect(outages.lasts({ ...place, model: "other" })).toBe(false);
  expect(outages.lasts({ ...place, url: "http://other/v1" })).toBe(false);
  outages.end(place);
  expect(outages.lasts(place)).toBe(false);
  outages.begin(place);
  now = 120_000;
  expect(outages.lasts(place)).toBe(false);
  outages.begin(place);
  // The clock is set back.
  now = -60_000;
  expect(outages.lasts(place)).toBe(false);
});

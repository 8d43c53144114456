import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { nameModels } from "../../src/journey/name-models.ts";

const missing = new ProxyError("not-found", "model: x: no such model", { upstreamStatus: 404 });
const catalogOf = (...ids: string[]) => ({ all: () => ids.map((id) => ({ id })) });

test("a missing model's error names those that there are", () => {
  const error = nameModels(missing, catalogOf("big", "small"));
  expect(error).toMatchObject({ kind: "not-found", upstreamStatus: 404 });
  expect(error.message).toBe("model: x: no such model; the backend has big, small");
});

test("long lists end early", () => {
  const ids = Array.from({ length: 15 }, (_, i) => `m${i}`);
  expect(nameModels(missing, catalogOf(...ids)).message).toEndWith("m11 and 3 more");
});

test("an unknown list and other errors change nothing", () => {
  expect(nameModels(missing, catalogOf())).toBe(missing);
  const other = new ProxyError("billing", "no");
  expect(nameModels(other, catalogOf("big"))).toBe(other);
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  type CarriedState,
  emptySignature,
  packCarrier,
  unpackCarrier,
} from "../../../src/upstream/reasoning/pack-carrier.ts";

const state: CarriedState = {
  form: "reasoning_details",
  origin: "vendor/model",
  items: [
    { type: "reasoning.text", text: "Need é漢😀", signature: "SIG", index: 0 },
    { type: "reasoning.encrypted", data: "x".repeat(4000) },
  ],
};

function packed(state: CarriedState): string {
  const token = packCarrier(state);
  if (token === undefined) throw new Error("Pack the state: it is too large");
  return token;
}

test("any state comes back as it was", () => {
  expect(unpackCarrier(packed(state))).toEqual(state);
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      (form, origin, items) => {
        const plain: CarriedState = JSON.parse(JSON.stringify({ form, origin, items }));
        expect(unpackCarrier(packed(plain))).toEqual(plain);
      },
    ),
  );
});

test("a carrier is short, on one line, in safe characters", () => {
  expect(packed(state)).toMatch(/^ccp1\.[\w-]+$/);
  expect(packed(state).length).toBeLessThan(300);
});

test("foreign, empty or damaged text is ignored", () => {
  const token = packed(state);
  for (const stranger of [
    "",
    emptySignature,
    "EqQBCkYIARgCKkC",
    "ccp2.AAAA",
    "ccp1.%%%",
    `${token}A`,
    token.slice(0, -4),
  ]) {
    expect(unpackCarrier(stranger)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.nat(token.length - 6), fc.constantFrom(..."Az09-_"), (at, letter) => {
      const place = at + 5;
      const damaged = token.slice(0, place) + letter + token.slice(place + 1);
      if (damaged !== token)
        expect([undefined, JSON.stringify(state)]).toContain(JSON.stringify(unpackCarrier(damaged)));
    }),
  );
});

test("a state that is too large is refused, and a small bomb does not unpack", () => {
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("hex");
  expect(
    packCarrier({
      ...state,
      items: Array.from({ length: 5 }, (_, i) => ({ data: noise + i + noise.slice(i) })),
    }),
  ).toBeUndefined();
  expect(packCarrier({ ...state, items: [{ data: "x".repeat(5 << 20) }] })).toBeUndefined();
});

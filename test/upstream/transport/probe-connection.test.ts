import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { answersConnections, placeOf, speaksTls } from "../../../src/upstream/transport/probe-connection.ts";
import { startBlackHole } from "../../support/black-hole.ts";

const longMs = 10_000;

let plain: Server;
let port: number;
beforeAll(async () => {
  plain = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const address = plain.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => void plain.close());

test("a server that takes connections answers, and so does one that refuses them", async () => {
  expect(await answersConnections({ host: "127.0.0.1", port }, longMs)).toBe(true);
  expect(await answersConnections({ host: "127.0.0.1", port: 9 }, longMs)).toBe(true);
});

describe.skipIf(process.platform !== "linux")("a server that drops connections", () => {
  test("does not answer", async () => {
    using hole = await startBlackHole();
    expect(await answersConnections(hole, 100)).toBe(false);
  });
});

test("a server without TLS does not speak it", async () => {
  expect(await speaksTls({ host: "127.0.0.1", port }, longMs)).toBe(false);
});

test.each([
  ["http://h/v1", { host: "h", port: 80 }],
  ["https://h/v1", { host: "h", port: 443 }],
  ["http://[::1]:8080/v1", { host: "::1", port: 8080 }],
])("%s goes to %p", (url, place) => {
  expect(placeOf(url)).toEqual(place);
});

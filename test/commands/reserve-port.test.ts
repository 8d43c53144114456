import { expect, test } from "bun:test";
import { ListenError, reservePort } from "../../src/commands/reserve-port.ts";

const host = "127.0.0.1";

test("a free port is found, and held for those that share it", () => {
  const { port, release } = reservePort({ host, port: 0 });
  expect(port).toBeGreaterThan(0);
  expect(() => reservePort({ host, port })).toThrow("the port is in use");
  Bun.serve({ hostname: host, port, reusePort: true, fetch: () => new Response() }).stop(true);
  release();
  expect(reservePort({ host, port }).port).toBe(port);
});

test("a port is refused that another program uses, even if it would share it", () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, reusePort: true, fetch: () => new Response() });
  const port = server.port ?? 0;
  expect(() => reservePort({ host: "127.0.0.1", port })).toThrow(ListenError);
  expect(() => reservePort({ host: "127.0.0.1", port })).toThrow(
    `Cannot listen on 127.0.0.1:${port}: the port is in use`,
  );
  server.stop(true);
});

test("an address of another machine is refused", () => {
  expect(() => reservePort({ host: "203.0.113.1", port: 0 })).toThrow("choose another --host");
});

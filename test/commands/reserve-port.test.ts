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

test("an address of another machine, or that is none, is refused, whatever Bun's error says", () => {
  for (const host of ["203.0.113.1", "nowhere.invalid"])
    for (const port of [0, 8082])
      expect(() => reservePort({ host, port })).toThrow(
        "this machine has no such address; choose another --host",
      );
  const inUse = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
  expect(new ListenError({ host: "nowhere.invalid", port: 8082 }, inUse).message).toBe(
    "Cannot listen on port 8082 of the address in HOST: this machine has no such address; choose another --host",
  );
});

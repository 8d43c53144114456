/** An address at which connections are neither taken nor refused, as behind a firewall that drops packets. */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { z } from "zod";

export type BlackHole = Disposable & {
  readonly host: string;
  readonly port: number;
  readonly url: string;
};

const listen = `
require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
  console.log(this.address().port);
});
`;

/** A stopped process that listens: the system takes connections for it until its queue is full. Linux only. */
export async function startBlackHole(): Promise<BlackHole> {
  const child = Bun.spawn([process.execPath, "-e", listen], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const port = z.coerce.number().parse(new TextDecoder().decode(value));
  child.kill("SIGSTOP");
  const queued = await fillQueue(port);
  return {
    host: "127.0.0.1",
    port,
    url: `http://127.0.0.1:${port}/v1`,
    [Symbol.dispose]() {
      for (const socket of queued) socket.destroy();
      child.kill("SIGKILL");
    },
  };
}

/** Opens connections until one is not taken. */
async function fillQueue(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (;;) {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    sockets.push(socket);
    const isTaken = new Promise<true>((resolve) => socket.once("connect", () => resolve(true)));
    // A busy process may hear late of a connection that was taken; the system knows.
    while (!(await Promise.race([isTaken, Bun.sleep(100)]))) if (isRepeated(port)) return sockets;
  }
}

/** Whether the first packet of a connection to the port was sent again, as the system's table of connections has it. */
function isRepeated(port: number): boolean {
  const target = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const [synSent, none] = ["02", "00000000"];
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, , remote, state, , , repeats]) => remote === target && state === synSent && repeats !== none);
}

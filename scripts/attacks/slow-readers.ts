/** Clients that ask and do not read. */
import { connect, type Socket } from "node:net";
import { type Attack, must, question, startPullProxy } from "./attack.ts";
import { type Target, watch } from "./target.ts";

const readers = 50;
const body = question("flood");

/** Asks over bare sockets that are never read. */
function openReaders({ url }: Target): Socket[] {
  const { hostname, port } = new URL(url);
  return Array.from({ length: readers }, () => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    return socket.pause().on("error", () => {});
  });
}

/** How much a target's memory grows over the second wave; the first one warms up its compiler. */
async function measure(target: Target): Promise<{ peak: number; rest: number }> {
  let measured = { peak: 0, rest: 0 };
  for (let wave = 0; wave < 2; wave++) {
    const before = await target.memory();
    let sockets: Socket[] = [];
    const { growth } = await watch(target, async () => {
      sockets = openReaders(target);
      await Bun.sleep(4000);
    });
    measured = { peak: growth, rest: (await target.memory()) - before };
    for (const socket of sockets) socket.destroy();
    await Bun.sleep(500);
  }
  return measured;
}

export const slowReaders: readonly Attack[] = [
  {
    name: "readers that stop",
    load: `${readers} × 100 MB that nobody reads`,
    async run(scene) {
      const ours = await measure(scene.proxy);
      const pull = await startPullProxy(scene);
      const anchor = await measure(pull);
      await pull.stop();
      const result =
        `peak +${ours.peak.toFixed(0)} MiB, then +${ours.rest.toFixed(0)}; ` +
        `bare pull proxy +${anchor.peak.toFixed(0)}, then +${anchor.rest.toFixed(0)}`;
      must(ours.rest < anchor.rest + 150 && ours.peak < 3 * anchor.peak + 100, result);
      return result;
    },
  },
];

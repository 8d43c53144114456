import { expect, test } from "bun:test";
import { watchClient } from "../../src/journey/watch-client.ts";
import { Stop } from "../../src/lib/stop.ts";

function watch() {
  const client = new AbortController();
  const call = new Stop();
  const request = new Request("http://localhost/", { signal: client.signal });
  return { client, call, endWatch: watchClient(request, call) };
}

/** Longer than an answer may take unwatched. */
const begin = () => Bun.sleep(150);

test.each([false, true])("a client that leaves ends the work, while it is watched: %p", async (isWatched) => {
  const { client, call } = watch();
  if (isWatched) await begin();
  expect(call.aborted).toBe(false);
  client.abort();
  if (!isWatched) await begin();
  expect(call.aborted).toBe(true);
});

test.each([false, true])(
  "nothing is left of a watch that has ended, once it had begun: %p",
  async (hasBegun) => {
    const { client, call, endWatch } = watch();
    if (hasBegun) await begin();
    endWatch();
    client.abort();
    await begin();
    expect(call.aborted).toBe(false);
  },
);

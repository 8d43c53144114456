import { expect, test } from "bun:test";
import { ProxyError } from "../../src/errors.ts";
import { listBackendStates } from "../../src/journey/list-backend-states.ts";
import { servicesFor } from "../support/services.ts";

test("a backend is shown with what runs there, and with what has failed", async () => {
  const services = servicesFor([], { config: { smallBackend: { baseUrl: "http://localhost:1/v1" } } });
  const { sites, health, slots } = services;
  await slots.take({ id: "small", name: "", maxConcurrent: 1 }, undefined, new AbortController().signal);
  health.fail({ step: { site: sites.default, model: "m" }, key: 0 }, new ProxyError("not-found", "Gone"));
  expect(listBackendStates(services)).toEqual([
    {
      id: "default",
      host: "127.0.0.1:9",
      keys: 1,
      running: 0,
      waiting: 0,
      resting: [{ model: "m", key: undefined, reason: "not-found", until: expect.any(Number) }],
    },
    { id: "small", host: "localhost:1", keys: 1, running: 1, waiting: 0, resting: [] },
  ]);
});

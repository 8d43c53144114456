/** The services of a server, with a fake sender in place of the network. */
import { createPromptCompressor } from "../../src/journey/compress-prompt.ts";
import { createServices } from "../../src/journey/create-services.ts";
import { defaultPace, type Pace, type RequestContext, type Services } from "../../src/journey/services.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createFakeSender, type FakeAnswer, type FakeSender } from "./fake-sender.ts";
import { testConfig } from "./proxy.ts";
import type { ConfigChanges } from "./write-variables.ts";

export type TestServices = Services & { readonly sender: FakeSender; readonly lines: readonly string[] };

export function servicesFor(
  answers: readonly (FakeAnswer | Error)[],
  { config, pace }: { readonly config?: ConfigChanges; readonly pace?: Partial<Pace> } = {},
): TestServices {
  const lines: string[] = [];
  const log = createLog("DEBUG", (line) => void lines.push(line));
  const all = { ...defaultPace, firstRetryDelay: 0, maxRetryDelay: 0, ...pace };
  const made = createServices({ config: testConfig(config), log, pace: all }, () => {});
  const services = { ...made, sender: createFakeSender(...answers), refreshModels: () => {} };
  return { ...services, compressor: createPromptCompressor(services), lines };
}

/** A request to a route, as the server hands it on. */
export function contextFor(path: string, init: RequestInit = {}): RequestContext {
  const url = new URL(path, "http://127.0.0.1");
  return {
    request: new Request(url.href, init),
    url,
    requestId: "req_1",
    keepOpen: () => () => {},
    call: new AbortController(),
  };
}

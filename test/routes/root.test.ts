import { expect, test } from "bun:test";
import { answerRoot } from "../../src/routes/root.ts";
import { servicesFor } from "../support/services.ts";

test("the configuration is described without its secrets", async () => {
  const services = servicesFor([], {
    config: {
      backend: {
        apiKey: "sk-secret",
        baseUrl: "https://a.example/v1",
        customHeaders: { "X-Title": "secret" },
      },
      server: { clientKey: "client-secret" },
    },
  });
  const text = await answerRoot(services, ["GET /health"]).text();
  expect(JSON.parse(text)).toMatchObject({
    name: "claude-code-proxy",
    endpoints: ["GET /health"],
    config: {
      backend: "https://a.example/v1",
      dialect: "generic",
      api_key: "***",
      client_key: "***",
      custom_headers: ["X-Title"],
      models: { big: "big-model" },
      azure_api_version: null,
    },
  });
  expect(text).not.toContain("secret");
});

test("a missing client key is null", async () => {
  expect(await answerRoot(servicesFor([]), []).json()).toMatchObject({ config: { client_key: null } });
});

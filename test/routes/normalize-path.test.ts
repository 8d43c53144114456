import { expect, test } from "bun:test";
import { normalizePath } from "../../src/routes/normalize-path.ts";

test.each([
  ["/v1/messages", ["/messages", "//v1/messages", "/v1//messages", "/v1/v1/messages/", "//messages//"]],
  ["/v1/messages/count_tokens", ["/messages/count_tokens", "/v1/v1/messages/count_tokens"]],
  ["/v1/models", ["/models", "/models/", "//v1/models"]],
  ["/v1/models/openai/gpt-5.4", ["/models/openai/gpt-5.4", "/v1/v1/models/openai/gpt-5.4/"]],
  ["/v1/models/models", ["/models/models"]],
  ["/health", ["//health", "/health/"]],
  ["/", ["", "/", "//"]],
  ["/v1", ["/v1/"]],
  ["/messages2", ["/messages2"]],
])("%s is meant by other ways to write it", (path, written) => {
  for (const other of [path, ...written]) expect(normalizePath(other)).toBe(path);
});

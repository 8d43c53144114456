import { expect, test } from "bun:test";
import { readCaller } from "../../src/journey/read-caller.ts";

const headers = new Headers({
  "anthropic-version": "2023-06-01",
  "anthropic-beta": "a-2025-01-01",
  "user-agent": "claude-cli/2.1.332",
  "x-app": "cli",
  "x-api-key": "key",
  authorization: "Bearer login",
  cookie: "no",
  host: "no",
  "content-length": "5",
});

test("what concerns the request, what the program says of itself, and its keys are told apart", () => {
  expect(readCaller(headers)).toEqual({
    headers: { "anthropic-version": "2023-06-01", "anthropic-beta": "a-2025-01-01" },
    client: { "user-agent": "claude-cli/2.1.332", "x-app": "cli" },
    credentials: { "x-api-key": "key", authorization: "Bearer login" },
  });
});

test("keys of this proxy are none of the caller's", () => {
  expect(readCaller(headers, ["x-api-key"]).credentials).toEqual({ authorization: "Bearer login" });
  expect(readCaller(headers, ["x-api-key", "authorization"]).credentials).toEqual({});
  expect(readCaller(new Headers({ "x-api-key": "" })).credentials).toEqual({});
});

test("what is not sent as a key is none", () => {
  expect(readCaller(new Headers({ authorization: "Basic abc" })).credentials).toEqual({});
  expect(readCaller(new Headers({ authorization: "" })).credentials).toEqual({});
});

import { expect, test } from "bun:test";
import { refuseRequest } from "../../src/demo/refuse-request.ts";

test("an error has OpenAI's shape", async () => {
  const response = refuseRequest(404, "There is nothing here");
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: { message: "There is nothing here", type: "invalid_request_error", code: null },
  });
});

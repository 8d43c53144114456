/** Compares the bodies we write with OpenAI's own types, at compile time. */
import { expect, test } from "bun:test";
import type OpenAI from "openai";
import type {
  InputItem,
  ResponsesFunction,
  ResponsesRequest,
  WebSearchTool,
} from "../../../src/upstream/openai-responses/wire.ts";
import type { AsJson } from "../../support/as-json.ts";

const holds = <_Ours extends Theirs, Theirs>() => true;

type Written = Omit<AsJson<ResponsesRequest>, "stream" | "tools">;
type Theirs = Omit<OpenAI.Responses.ResponseCreateParams, "stream" | "tools">;

test("every item, the tools and the body are among OpenAI's", () => {
  expect(holds<AsJson<InputItem>, OpenAI.Responses.ResponseInputItem>()).toBe(true);
  expect(holds<ResponsesFunction, OpenAI.Responses.FunctionTool>()).toBe(true);
  // Places that a client leaves out are undefined here, and nothing in JSON.
  expect(holds<Omit<WebSearchTool, "user_location">, OpenAI.Responses.WebSearchTool>()).toBe(true);
  expect(holds<Written, Theirs>()).toBe(true);
});

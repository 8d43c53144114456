import { expect, test } from "bun:test";
import { rankTexts } from "../../src/lib/rank-texts.ts";

const texts = [
  { title: "get_weather", body: "Current conditions and forecasts for a city" },
  { title: "sendMessage", body: "Send a message to a channel" },
  { title: "list_channels", body: "List all channels, with their messages" },
  { title: "HTTPRequest", body: "Fetch a page" },
  { title: "天气", body: "查询城市的天气" },
  { title: "queries", body: "Run a saved query" },
];
const ranked = async (question: string) =>
  (await rankTexts(texts, question)).map((place) => texts[place]?.title);

test("the text that says it in its title comes first, however its words are joined", async () => {
  expect((await ranked("send a message"))[0]).toBe("sendMessage");
  expect((await ranked("channels"))[0]).toBe("list_channels");
  expect(await ranked("http")).toEqual(["HTTPRequest"]);
});

test("singular and plural are one word, and rare words count for more", async () => {
  expect(await ranked("forecast")).toEqual(["get_weather"]);
  expect(await ranked("query")).toEqual(["queries"]);
  expect((await ranked("city message forecast"))[0]).toBe("get_weather");
});

test("each Chinese character is a word", async () => {
  expect(await ranked("天气预报")).toEqual(["天气"]);
});

test("without a common word, nothing is found; fillers are none", async () => {
  for (const question of ["", "   ", "zebra", "what is the"]) expect(await ranked(question)).toEqual([]);
  expect(await rankTexts([], "weather")).toEqual([]);
});

test("equal texts keep their order", async () => {
  const same = { title: "one", body: "same words" };
  expect(await rankTexts([same, same, same], "words")).toEqual([0, 1, 2]);
});

test("a long text without a separator takes time in proportion to its length", async () => {
  const long = { title: "x", body: `${"a".repeat(200_000)}${"天".repeat(20_000)}` };
  expect(await rankTexts([long], "天")).toEqual([0]);
});

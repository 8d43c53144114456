/** Tries with small requests what Claude Code will ask of a model. */
import type { Client, Heard } from "./ask-proxy.ts";
import { bad, type Finding, good, unknown } from "./finding.ts";

/** Reasoning models think first. */
const maxTokens = 1024;

/** Red, 16 by 16 pixels. */
const redSquare =
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mP4z8BAEmIY1TCqYfhqAADFo/8B8pLZEAAAAABJRU5ErkJggg==";

const weather = {
  name: "get_weather",
  description: "Get the weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const user = (content: unknown) => ({ role: "user", content });

/** @param name for the request, so that it is this very model that answers */
export async function probeModel(client: Client, name: string, model: string): Promise<Finding[]> {
  const base = { model: name, max_tokens: maxTokens };
  const first = await probeText(client, base, model);
  if (first.state !== "good") return [first];
  const others = await Promise.all([
    probeTools(client, base, model),
    probeForced(client, base, model),
    probeReasoning(client, base, model),
    probeImage(client, base, model),
    probeJson(client, base, model),
  ]);
  return [first, ...others];
}

async function probeText(client: Client, base: object, model: string): Promise<Finding> {
  const request = { ...base, messages: [user("Count from 1 to 20, in words.")] };
  const { heard, firstMs, tookMs } = await client.time(request);
  if (heard.type === "late")
    return bad(
      "answer",
      `${model} has not answered in time`,
      "try again when it is loaded, or look at its log",
    );
  if (heard.type === "error") return explainFailure("answer", model, heard);
  const pace =
    firstMs !== undefined && tookMs > firstMs + 50 ? (heard.outputTokens * 1000) / (tookMs - firstMs) : 0;
  const speed = pace > 0 ? `, ${Math.round(pace)} tokens/s` : "";
  return good("answer", `${model} answers: first token after ${firstMs ?? tookMs} ms${speed}`);
}

async function probeTools(client: Client, base: object, model: string): Promise<Finding> {
  const heard = await client.ask({
    ...base,
    tools: [weather],
    messages: [user("What is the weather in Paris and in Rome? Ask for both at once.")],
  });
  return judge("tools", model, heard, (calls) => {
    if (calls >= 2) return good("tools", `${model} calls tools, several at once`);
    if (calls === 1) return good("tools", `${model} calls tools, one at a time`);
    return bad(
      "tools",
      `${model} answered in words and called no tool`,
      "choose a model that is made for tools",
    );
  });
}

async function probeForced(client: Client, base: object, model: string): Promise<Finding> {
  const heard = await client.ask({
    ...base,
    tools: [weather],
    tool_choice: { type: "tool", name: weather.name },
    messages: [user("Hello")],
  });
  return judge("tools", model, heard, (calls) =>
    calls > 0
      ? good("tools", `${model} calls a tool when it must`)
      : unknown("tools", `${model} called no tool although it had to`, "Claude Code seldom forces one"),
  );
}

async function probeReasoning(client: Client, base: object, model: string): Promise<Finding> {
  const question = user("Is 391 a prime number? Answer yes or no.");
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const asking = { ...base, max_tokens: 2048, thinking };
  const heard = await client.ask({ ...asking, messages: [question] });
  if (heard.type !== "message") return explainNoAnswer("reasoning", model, heard);
  const hasThought = heard.content.some(({ type }) => /thinking$/.test(type));
  if (!hasThought) return good("reasoning", `${model} takes requests to reason, and shows no thoughts`);
  const turn = { role: "assistant", content: heard.content };
  const again = await client.ask({ ...asking, messages: [question, turn, user("Say it again.")] });
  return judge("reasoning", model, again, () =>
    good("reasoning", `${model} reasons, and takes its thoughts back on the next turn`),
  );
}

async function probeImage(client: Client, base: object, model: string): Promise<Finding> {
  const source = { type: "base64", media_type: "image/png", data: redSquare };
  const content = [
    { type: "image", source },
    { type: "text", text: "Which color is this? Answer in one word." },
  ];
  const heard = await client.ask({ ...base, messages: [user(content)] });
  if (heard.type !== "message") return explainNoAnswer("images", model, heard);
  return /\bred\b/i.test(heard.text)
    ? good("images", `${model} sees images`)
    : unknown("images", `${model} did not see the image; it gets a note in its place`);
}

async function probeJson(client: Client, base: object, model: string): Promise<Finding> {
  const schema = {
    type: "object",
    properties: { answer: { type: "integer" } },
    required: ["answer"],
    additionalProperties: false,
  };
  const heard = await client.ask({
    ...base,
    output_config: { format: { type: "json_schema", schema } },
    messages: [user("What is 2 + 2?")],
  });
  if (heard.type !== "message") return explainNoAnswer("JSON", model, heard);
  return isAnswer(heard.text)
    ? good("JSON", `${model} answers in JSON of a given shape`)
    : unknown(
        "JSON",
        `${model} did not keep to the shape of its answer`,
        "Claude Code uses it for titles only",
      );
}

function isAnswer(text: string): boolean {
  try {
    return Number.isInteger(JSON.parse(text).answer);
  } catch {
    return false;
  }
}

/** A finding for a failure, or that of `judgeCalls` for the number of tool calls in the answer. */
function judge(topic: string, model: string, heard: Heard, judgeCalls: (calls: number) => Finding): Finding {
  if (heard.type !== "message") return explainNoAnswer(topic, model, heard);
  return judgeCalls(heard.content.filter(({ type }) => type === "tool_use").length);
}

/** A finding for a request that was not answered. */
function explainNoAnswer(topic: string, model: string, heard: Exclude<Heard, { type: "message" }>): Finding {
  if (heard.type === "error") return explainFailure(topic, model, heard);
  return unknown(topic, `${model} has not answered in time`);
}

/** What to do about an error that does not say it itself, by its type. */
const adviceFor: Readonly<Record<string, string>> = {
  authentication_error: "check the key",
  permission_error: "check what the key may use",
  billing_error: "add credit at the backend, or choose another model",
  rate_limit_error: "try again later: the backend limits requests",
  overloaded_error: "try again later: the backend is busy",
  not_found_error: "choose a model from the command `models`",
};

/** Our own messages end with what to do. */
function explainFailure(
  topic: string,
  model: string,
  { message, errorType = "" }: Extract<Heard, { type: "error" }>,
): Finding {
  const [reason = "", ...own] = message.split("; ");
  const advice = own.join("; ") || (adviceFor[errorType] ?? "try again, and look at the log of the backend");
  return bad(topic, `${model}: ${reason}`, advice);
}

/** A prompt of about this many tokens, as long as Claude Code's shortest. */
const longTokens = 9000;

/** How the proxy's own refusal of a prompt that is too long begins. */
const overflowWords = "prompt is too long";

/** Asks for the first words of a long prompt: some servers cut it there and say nothing. */
export async function probeLength(client: Client, name: string, model: string): Promise<Finding> {
  const line = "The quick brown fox jumps over the lazy dog while the sun sets. ";
  const content = `The code word is heron.\n${line.repeat(longTokens / 14)}\nWhat is the code word? One word.`;
  const heard = await client.ask({ model: name, max_tokens: maxTokens, messages: [user(content)] });
  if (heard.type === "late")
    return unknown("length", `${model} did not read ${longTokens.toLocaleString("en")} tokens in time`);
  if (heard.type === "error" && !heard.message.startsWith(overflowWords))
    return explainFailure("length", model, heard);
  if (heard.type === "error")
    return bad(
      "length",
      `${model} refuses ${longTokens.toLocaleString("en")} tokens: ${heard.message}`,
      "give the server a larger context",
    );
  return /heron/i.test(heard.text)
    ? good("length", `${model} sees the beginning of a prompt of ${longTokens.toLocaleString("en")} tokens`)
    : bad(
        "length",
        `${model} does not know the beginning of a prompt of ${longTokens.toLocaleString("en")} tokens, which the server may have cut`,
        "give the server a larger context",
      );
}

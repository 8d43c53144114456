/** Vercel's AI SDK: `streamText` with tools that it runs, and `Output.object`. */
import { anthropic } from "@ai-sdk/anthropic";
import { generateText, isStepCount, jsonSchema, Output, streamText, tool } from "ai";
import { citySchema, fileTools } from "./files.mjs";

const [task, prompt] = process.argv.slice(2);
const request = { model: anthropic("claude-sonnet-5"), prompt };

async function perform() {
  if (task === "structured") {
    const output = Output.object({ schema: jsonSchema(citySchema) });
    return { object: (await generateText({ ...request, output })).output };
  }
  const tools = Object.fromEntries(
    Object.entries(fileTools).map(([name, { description, schema, run }]) => [
      name,
      tool({ description, inputSchema: jsonSchema(schema), execute: run }),
    ]),
  );
  let failure;
  const { textStream } = streamText({
    ...request,
    ...(task === "tools" && { tools, stopWhen: isStepCount(5) }),
    onError({ error }) {
      failure = error;
    },
  });
  let text = "";
  for await (const piece of textStream) text += piece;
  if (failure) throw failure;
  return { text };
}

console.log(JSON.stringify(await perform().catch((error) => ({ error: error.message }))));

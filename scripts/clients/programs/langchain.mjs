/** LangChain: a stream, a loop over bound tools, and `withStructuredOutput`. */
import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { citySchema, fileTools } from "./files.mjs";

const [task, prompt] = process.argv.slice(2);
const model = new ChatAnthropic({ model: "claude-sonnet-5", maxTokens: 1000 });

async function perform() {
  if (task === "structured") return { object: await model.withStructuredOutput(citySchema).invoke(prompt) };
  const tools = Object.entries(fileTools).map(([name, { description, schema, run }]) =>
    tool(run, { name, description, schema }),
  );
  const asked = task === "tools" ? model.bindTools(tools) : model;
  const messages = [new HumanMessage(prompt)];
  for (;;) {
    let reply;
    for await (const piece of await asked.stream(messages)) reply = reply ? reply.concat(piece) : piece;
    if (!reply.tool_calls?.length) return { text: reply.text };
    messages.push(reply);
    for (const call of reply.tool_calls)
      messages.push(await tools.find(({ name }) => name === call.name).invoke(call));
  }
}

console.log(JSON.stringify(await perform().catch((error) => ({ error: error.message }))));

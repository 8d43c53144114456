/** What must work between Claude Code and a backend, each as a small scenario. */
import {
  contentChunk,
  encodeChunk,
  type FakeReply,
  inOrder,
  raw,
  reasoning,
  status,
  text,
  toolCalls,
} from "../../test/support/fake-upstream.ts";
import { passesPdf, readsPdf, redPicture } from "./documents.ts";
import { type Asked, type Scenario, textOf } from "./scenario.ts";
import { searchesTools } from "./tool-search.ts";
import { cannotSearchWeb, searchesThroughBrave, searchesWeb } from "./web-search.ts";

const call = (name: string, input: object, id: string) => ({ id: `call_${id}`, name, arguments: input });
const bash = (command: string, id: string) => call("Bash", { command, description: "Run it" }, id);

const rateLimited = status(
  429,
  { error: { message: "Slow down", type: "requests", param: null, code: "rate_limit_exceeded" } },
  { "retry-after": "1" },
);
const half = encodeChunk(contentChunk("Half an ans"));
const breakdown = encodeChunk({
  error: { message: "The engine fell over", type: "server_error", param: null, code: 500 },
});

const deltaChunk = (delta: object) =>
  encodeChunk({ ...contentChunk(""), choices: [{ index: 0, delta, finish_reason: null }] });
const reasoningChunk = (reasoning_content: string) => deltaChunk({ reasoning_content });
const callChunk = (index: number, name: string, args: string) =>
  deltaChunk({
    tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: args } }],
  });

const writesFile: Scenario = {
  name: "writes-file",
  rounds: (project) => {
    const file_path = `${project}/notes.txt`;
    return [
      [toolCalls([call("Write", { file_path, content: "alpha\nbeta “ß” \\ \t.\n" }, "write")])],
      [toolCalls([call("Read", { file_path }, "read")])],
      [toolCalls([call("Edit", { file_path, old_string: "beta", new_string: "gamma" }, "edit")])],
      [toolCalls([bash("tr a-z A-Z < notes.txt > loud.txt && cat loud.txt", "bash")])],
      [text("All done.")],
    ];
  },
  findFaults: async ({ cli, asked, read }) => [
    differs("notes.txt", await read("notes.txt"), "alpha\ngamma “ß” \\ \t.\n"),
    differs("loud.txt", await read("loud.txt"), "ALPHA\nGAMMA “ß” \\ \t.\n"),
    !toolResults(asked[2])[1]?.includes("beta “ß” \\ \t.") &&
      "the backend did not get the file that was read",
    !toolResults(asked[4])[3]?.includes("GAMMA") && "the backend did not get the command's output",
    differs("the answer", cli.result?.result, "All done."),
  ],
};

const callsInParallel: Scenario = {
  name: "calls-in-parallel",
  files: { "left.txt": "left hand\n" },
  rounds: (project) => {
    const read = call("Read", { file_path: `${project}/left.txt` }, "left");
    const calls = toolCalls([read, bash("echo right hand > right.txt && echo written", "right")]);
    return [[takeTurns(calls)], [text("Both done.")]];
  },
  findFaults: async ({ cli, asked, read }) => [
    differs("right.txt", await read("right.txt"), "right hand\n"),
    differs("names of the calls", callNames(asked[1]), "Read, Bash"),
    !resultOf(asked[1], "Read")?.includes("left hand") && "the Read call did not get its result",
    !resultOf(asked[1], "Bash")?.includes("written") && "the Bash call did not get its result",
    differs("the answer", cli.result?.result, "Both done."),
  ],
};

const readsImage: Scenario = {
  name: "reads-image",
  files: { "red.png": redPicture },
  rounds: (project) => [
    [toolCalls([call("Read", { file_path: `${project}/red.png` }, "image"), bash("echo beside", "beside")])],
    [text("It is red.")],
  ],
  findFaults: ({ cli, asked }) => {
    const messages = asked[1]?.messages ?? [];
    const lastTool = messages.findLastIndex((message) => message.role === "tool");
    const pictures = messages.map(({ content }) =>
      typeof content === "string" ? [] : (content ?? []).flatMap((part) => part.image_url?.url ?? []),
    );
    const at = pictures.findIndex((urls) => urls.length > 0);
    const url = pictures[at]?.[0] ?? "";
    return [
      differs("tool messages", toolResults(asked[1]).length, 2),
      differs("pictures the backend got", pictures.flat().length, 1),
      at < lastTool && "the picture came before the last tool message",
      differs("role of the message with the picture", messages[at]?.role, "user"),
      !url.startsWith("data:image/png;base64,iVBOR") && `the picture is ${url.slice(0, 40)}`,
      differs("the answer", cli.result?.result, "It is red."),
    ];
  },
};

const waitsOutRateLimit: Scenario = {
  name: "waits-out-rate-limit",
  rounds: () => [[rateLimited, text("Patience.")]],
  findFaults: ({ cli, asked }) => {
    const waited = (asked[1]?.atMs ?? 0) - (asked[0]?.atMs ?? 0);
    return [
      waited < 900 && `came again after ${Math.round(waited)} ms, not after a second`,
      differs("the answer", cli.result?.result, "Patience."),
    ];
  },
};

/** No block is finished yet, so the client retries by itself. */
const survivesStreamError: Scenario = {
  name: "survives-stream-error",
  rounds: () => [[broken([half]), text("Whole answer.")]],
  findFaults: ({ cli }) => [differs("the answer", cli.result?.result, "Whole answer.")],
};

const survivesCut: Scenario = {
  name: "survives-cut",
  rounds: (project) => [
    [cutAfter([half]), toolCalls([bash("echo once >> count.txt", "count")])],
    // Closing a quote and a brace would make it a valid call.
    [
      cutAfter([callChunk(0, "Write", `{"file_path":"${project}/half.txt","content":"half`)]),
      text("Whole answer."),
    ],
  ],
  findFaults: async ({ cli, read }) => [
    differs("count.txt", await read("count.txt"), "once\n"),
    differs("half.txt, of a call that never ended", await read("half.txt"), undefined),
    differs("the answer", cli.result?.result, "Whole answer."),
  ],
};

/**
 * A block is finished. Version 2.1.197 gives up at once and quotes the backend; 2.1.330 retries three times, and then
 * reports it in its own words.
 */
const reportsLateError: Scenario = {
  name: "reports-late-error",
  rounds: () => [Array.from({ length: 4 }, () => broken([reasoningChunk("Hm."), half]))],
  mayGiveUp: true,
  ends: "failed",
  findFaults: ({ cli }) => {
    const said = cli.result?.result ?? "";
    const isReport = /^API Error: (The engine fell over|Server error mid-response)/.test(said);
    return [!isReport && `the user reads: ${said}`];
  },
};

/** A finished call is executed, an unfinished one is not, and the conversation goes on. */
const keepsFinishedCall: Scenario = {
  name: "keeps-finished-call",
  rounds: () => [
    [
      broken([
        callChunk(0, "Bash", JSON.stringify({ command: "echo once >> count.txt" })),
        callChunk(1, "Bash", '{"command":"echo never > half.txt'),
      ]),
    ],
    [text("Went on.")],
  ],
  findFaults: async ({ cli, asked, read }) => [
    differs("count.txt", await read("count.txt"), "once\n"),
    differs("half.txt", await read("half.txt"), undefined),
    differs("names of the calls", callNames(asked[1]), "Bash"),
    differs("the answer", cli.result?.result, "Went on."),
  ],
};

const keepsReasoning: Scenario = {
  name: "keeps-reasoning",
  rounds: () => [
    [
      inOrder(
        reasoning("First the date, then the answer."),
        text("Let me look."),
        toolCalls([bash("echo today > date.txt", "date")]),
      ),
    ],
    [inOrder(reasoning("It is today."), text("Today."))],
  ],
  findFaults: async ({ cli, asked, read }) => {
    const thoughts = cli.blocks.filter((block) => block.type === "thinking");
    const earlier = asked[1]?.messages.findLast((message) => message.role === "assistant");
    return [
      differs("date.txt", await read("date.txt"), "today\n"),
      differs(
        "thoughts",
        thoughts.map((block) => block.thinking).join("|"),
        "First the date, then the answer.|It is today.",
      ),
      thoughts.some((block) => !block.signature) && "a thought has no signature",
      differs("reasoning sent back", earlier?.reasoning_content, "First the date, then the answer."),
      differs("text sent back", earlier && textOf(earlier), "Let me look."),
      differs("the answer", cli.result?.result, "Today."),
    ];
  },
};

const sealed = { type: "reasoning.encrypted", id: "rs_1", data: "SEALED", index: 0 };
const dateCall = callChunk(
  0,
  "Bash",
  JSON.stringify({ command: "echo today > date.txt", description: "Run it" }),
);
const finishChunk = encodeChunk({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] });

/** Encrypted reasoning travels in redacted blocks, before the call and after it. */
const keepsSealedReasoning = (place: "before" | "behind"): Scenario => {
  const seal = deltaChunk({ reasoning_details: [sealed] });
  const parts = place === "before" ? [seal, dateCall] : [dateCall, seal];
  return {
    name: `keeps-sealed-reasoning-${place}`,
    backend: "openrouter",
    rounds: () => [[raw([...parts, finishChunk, "data: [DONE]\n\n"].join(""))], [text("Today.")]],
    findFaults: async ({ cli, asked, read }) => {
      const earlier = asked[1]?.messages.findLast((message) => message.role === "assistant");
      return [
        differs("date.txt", await read("date.txt"), "today\n"),
        differs("state sent back", JSON.stringify(earlier?.reasoning_details), JSON.stringify([sealed])),
        differs("the answer", cli.result?.result, "Today."),
      ];
    },
  };
};

/** Gemini refuses a call that comes back without the signature it came with. */
const keepsSignature: Scenario = {
  name: "keeps-signature",
  backend: "gemini",
  rounds: () => {
    const [call] = JSON.parse(dateCall.slice("data: ".length)).choices[0].delta.tool_calls;
    const signed = { ...call, extra_content: { google: { thought_signature: "SIG" } } };
    return [
      [raw([deltaChunk({ tool_calls: [signed] }), finishChunk, "data: [DONE]\n\n"].join(""))],
      [text("Today.")],
    ];
  },
  findFaults: async ({ cli, asked, read }) => {
    const earlier = asked[1]?.messages.findLast((message) => message.role === "assistant");
    return [
      differs("date.txt", await read("date.txt"), "today\n"),
      differs(
        "signatures sent back",
        JSON.stringify(earlier?.tool_calls?.map((call) => call.extra_content)),
        '[{"google":{"thought_signature":"SIG"}}]',
      ),
      differs("the answer", cli.result?.result, "Today."),
    ];
  },
};

const countsUsage: Scenario = {
  name: "counts-usage",
  rounds: () => [
    [
      text("Grüße, 世界 🌍!", {
        usage: {
          prompt_tokens: 1000,
          completion_tokens: 10,
          total_tokens: 1010,
          prompt_tokens_details: { cached_tokens: 800 },
        },
      }),
    ],
  ],
  findFaults: ({ cli }) => {
    const usage = cli.result?.usage;
    return [
      differs("the answer", cli.result?.result, "Grüße, 世界 🌍!"),
      differs("input tokens", usage?.input_tokens, 200),
      differs("cached tokens", usage?.cache_read_input_tokens, 800),
      differs("output tokens", usage?.output_tokens, 10),
    ];
  },
};

export const scenarios: readonly Scenario[] = [
  writesFile,
  callsInParallel,
  readsImage,
  waitsOutRateLimit,
  survivesStreamError,
  survivesCut,
  reportsLateError,
  keepsFinishedCall,
  keepsReasoning,
  keepsSealedReasoning("before"),
  keepsSealedReasoning("behind"),
  keepsSignature,
  countsUsage,
  searchesTools,
  readsPdf,
  passesPdf,
  searchesWeb,
  cannotSearchWeb,
  searchesThroughBrave,
];

type Calls = ReturnType<typeof toolCalls>;

/** The same calls with their fragments interleaved, as some backends send them. */
function takeTurns(calls: Calls): Calls {
  const lanes = [...Map.groupBy(calls.deltas, ({ tool_calls }) => tool_calls?.[0]?.index).values()];
  const longest = Math.max(...lanes.map((lane) => lane.length));
  const turns = Array.from({ length: longest }, (_, at) => lanes.flatMap((lane) => lane.slice(at, at + 1)));
  return { ...calls, deltas: turns.flat() };
}

/** Sends some text, then an error, in the middle of the stream. */
function broken(frames: readonly string[]): FakeReply {
  return raw([...frames, breakdown], { delayMs: 20 });
}

/** Sends some text, then the connection breaks. */
function cutAfter(frames: readonly string[]): FakeReply {
  const reply = raw(frames, { delayMs: 20 });
  return { ...reply, steps: [...reply.steps, { do: "cut" }] };
}

function differs(what: string, got: unknown, wanted: unknown): string | false {
  return got !== wanted && `${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;
}

function callsOf(asked: Asked | undefined) {
  return (asked?.messages ?? []).flatMap((message) => message.tool_calls ?? []);
}

function callNames(asked: Asked | undefined): string {
  return callsOf(asked)
    .map((call) => call.function.name)
    .join(", ");
}

function toolResults(asked: Asked | undefined): string[] {
  return (asked?.messages ?? []).filter((message) => message.role === "tool").map(textOf);
}

/** The results that the backend got for the first call of that name. */
function resultOf(asked: Asked | undefined, name: string): string | undefined {
  const id = callsOf(asked).find((call) => call.function.name === name)?.id;
  const result = asked?.messages.find((message) => message.tool_call_id === id);
  return result && textOf(result);
}

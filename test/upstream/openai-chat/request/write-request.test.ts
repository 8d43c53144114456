import { describe, expect, test } from "bun:test";
import { backendNames } from "../../../../src/catalog/choose-quirks.ts";
import { writeRequest } from "../../../../src/upstream/openai-chat/request/write-request.ts";
import type { ChatRequest, ContentPart } from "../../../../src/upstream/openai-chat/wire.ts";
import { findViolation } from "../../../support/openai-rules.ts";
import { type PlanChanges, planFor } from "../../../support/plans.ts";
import { ask } from "../../../support/proxy.ts";

/** What the backend is asked; checked against OpenAI's rules unless the row departs from them on purpose. */
function write(body: object, changes: PlanChanges = {}): ChatRequest {
  const chat: ChatRequest = JSON.parse(writeRequest(planFor(ask({ model: "m", ...body }), changes)).body);
  if ((changes.backend ?? "generic") === "generic") {
    // Servers that gave reasoning take it back; OpenAI, which never gives any, knows no such field.
    expect(findViolation(chat, ["reasoning_content"])).toBeUndefined();
  }
  return chat;
}

const messages = (list: object[], changes: PlanChanges = {}) => write({ messages: list }, changes).messages;
const user = (...content: unknown[]) => ({
  role: "user",
  content: typeof content[0] === "string" ? content[0] : content,
});
const text = (text: string, more: object = {}) => ({ type: "text", text, ...more });
const call = (id: string, name = "Read", input: object = {}) => ({ type: "tool_use", id, name, input });
const result = (tool_use_id: string, content?: unknown, more: object = {}) => ({
  type: "tool_result",
  tool_use_id,
  content,
  ...more,
});
const assistant = (...content: unknown[]) => ({ role: "assistant", content });
const system = (content: unknown) => ({ role: "system", content });
const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const png = { type: "base64", media_type: "image/png", data: "iVBORw0KGgoAAAA=" };
const image = { type: "image", source: png };
const imagePart: ContentPart = {
  type: "image_url",
  image_url: { url: "data:image/png;base64,iVBORw0KGgoAAAA=" },
};
const marked = { cache_control: { type: "ephemeral" } };

describe("system", () => {
  test("a string, or blocks joined by a blank line", () => {
    expect(write({ system: "Be kind" }).messages[0]).toEqual({ role: "system", content: "Be kind" });
    expect(write({ system: [text("a"), text("b")] }).messages[0]).toEqual({
      role: "system",
      content: "a\n\nb",
    });
  });

  test("the billing header is left out, and its message too if nothing else is in it", () => {
    const header = text("x-anthropic-billing-header: cc_version=1; cch=abc;");
    expect(write({ system: [header, text("b")] }).messages[0]).toMatchObject({ content: "b" });
    expect(write({ system: [header] }).messages[0]).toMatchObject({ role: "user" });
  });

  test("the last four cache marks are kept, and none where they have no meaning", () => {
    const body = {
      system: [text("a", marked), text("b", marked)],
      tools: [tool("t", marked)],
      messages: [user(text("c", marked), text("d", marked), text("e", marked))],
    };
    const kept = JSON.stringify(write(body, { backend: "openrouter", model: "anthropic/claude-opus-5" }));
    expect(kept.match(/cache_control/g)).toHaveLength(4);
    expect(kept).toContain('"text":"b","cache_control"');
    expect(kept).not.toContain('"text":"a","cache_control"');
    expect(JSON.stringify(write(body))).not.toContain("cache_control");
  });

  describe("a cache mark on the whole request", () => {
    const whole = { ...marked, messages: [user(text("c", marked), text("d"))], system: [text("a", marked)] };
    const marks = (chat: ChatRequest) => JSON.stringify(chat.messages).match(/"text":"\w","cache_control"/g);

    test("is automatic caching where available, and counts as one of the four", () => {
      const claude = { backend: "openrouter", model: "anthropic/claude-opus-5" } as const;
      expect(write(whole, claude)).toMatchObject(marked);
      const four = [user(text("c", marked), text("d", marked), text("e", marked))];
      expect(marks(write({ ...whole, messages: four }, claude))).toHaveLength(3);
    });

    test("moves to the last part elsewhere, and is dropped where marks have no meaning", () => {
      const chat = write(whole, { backend: "openrouter", model: "google/gemini-3-pro" });
      expect(chat).not.toHaveProperty("cache_control");
      expect(marks(chat)).toHaveLength(3);
      expect(chat.messages.at(-1)).toMatchObject({ content: [{ text: "c" }, { text: "d", ...marked }] });
      expect(JSON.stringify(write(whole))).not.toContain("cache_control");
    });
  });

  test("OpenAI's reasoning models get a developer message", () => {
    expect(write({ system: "s" }, { backend: "openai", model: "gpt-5.4" }).messages[0]).toMatchObject({
      role: "developer",
    });
    expect(write({ system: "s" }, { backend: "openai", model: "gpt-4.1" }).messages[0]).toMatchObject({
      role: "system",
    });
  });
});

describe("users and assistants", () => {
  test("a string equals a text block, and consecutive messages of a role are merged", () => {
    expect(messages([user("a")])).toEqual(messages([user(text("a"), text(""))]));
    expect(messages([user("a"), user(text("b"))])).toEqual([{ role: "user", content: "a\n\nb" }]);
  });

  test("empty turns still separate their neighbours", () => {
    expect(
      messages([user("a"), assistant(text("b")), user(text("")), assistant(text("c")), user("d")])[2],
    ).toEqual({
      role: "user",
      content: "(empty message)",
    });
  });

  test("the assistant's texts are joined without a separator, and empty ones dropped", () => {
    expect(messages([user("a"), assistant(text("b"), text(""), text("c")), user("d")])[1]).toEqual({
      role: "assistant",
      content: "bc",
    });
  });

  test("a prefill loses its trailing white space and is reported to the reader", () => {
    const written = writeRequest(planFor(ask({ messages: [user("a"), assistant(text("Sure: "))] })));
    expect(JSON.parse(written.body).messages.at(-1)).toEqual({ role: "assistant", content: "Sure:" });
    expect(written.prefill).toBe("Sure:");
  });

  test("images by data and by URL, with the type read from the bytes", () => {
    const url = { type: "image", source: { type: "url", url: "https://a.example/b.png" } };
    expect(messages([user(image, url, text("see"))])).toEqual([
      {
        role: "user",
        content: [
          imagePart,
          { type: "image_url", image_url: { url: "https://a.example/b.png" } },
          { type: "text", text: "see" },
        ],
      },
    ]);
    const mislabelled = { type: "image", source: { ...png, media_type: "image/jpeg" } };
    expect(messages([user(mislabelled)])[0]).toMatchObject({ content: [imagePart] });
    expect(() => messages([user(text("x"), url)], { backend: "ollama" })).toThrow(
      /^Could not process image: messages\.0\.content\.1\.image/,
    );
    const local = { type: "image", source: { type: "url", url: "file:///etc/passwd" } };
    expect(() => messages([user(local)])).toThrow(/^Could not process image/);
    const wrapped = {
      type: "image",
      source: { ...png, media_type: "image/PNG; q=1", data: "iVBORw0KGg\noAAAA=" },
    };
    expect(messages([user(wrapped)])[0]).toMatchObject({ content: [imagePart] });
    const file = { type: "image", source: { type: "file", file_id: "f" } };
    expect(() => messages([user(file)])).toThrow(/^Could not process image/);
  });

  test("text documents get a frame, PDFs stay files", () => {
    const pdf = {
      type: "document",
      title: "Plan",
      source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
    };
    const plain = {
      type: "document",
      title: "Notes",
      source: { type: "text", media_type: "text/plain", data: "hello" },
    };
    expect(messages([user(plain)])).toEqual([
      { role: "user", content: '<document title="Notes">\nhello\n</document>' },
    ]);
    expect(messages([user(pdf)], { backend: "openrouter" })[0]).toMatchObject({
      content: [
        { type: "file", file: { filename: "Plan.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
      ],
    });
  });

  test("unknown blocks are left out and named", () => {
    const written = writeRequest(
      planFor(ask({ messages: [user({ type: "hologram", data: 1 }, text("a"))] })),
    );
    expect(JSON.parse(written.body).messages).toEqual([{ role: "user", content: "a" }]);
    expect(written.notes).toEqual(["left out a content block of the unknown type hologram"]);
  });

  test("reasoning goes back under the backend's own name, or not at all, and never its signature", () => {
    const history = [
      user("a"),
      assistant({ type: "thinking", thinking: "hm", signature: "SIG" }, text("b")),
      user("c"),
    ];
    const names = (backend: PlanChanges["backend"]) => messages(history, { backend })[1];
    expect(names("vllm")).toEqual({ role: "assistant", content: "b", reasoning: "hm" });
    expect(names("llamacpp")).toEqual({ role: "assistant", content: "b", reasoning_content: "hm" });
    expect(names("openai")).toEqual({ role: "assistant", content: "b" });
    expect(JSON.stringify(messages(history))).not.toContain("SIG");
    expect(
      messages([user("a"), assistant({ type: "thinking", thinking: "hm", signature: "" }), user("c")], {
        backend: "openai",
      }),
    ).toEqual([
      { role: "user", content: "a" },
      { role: "user", content: "c" },
    ]);
  });
});

describe("calls and results", () => {
  test("results come in the order of the calls, then the rest", () => {
    const list = [
      user("a"),
      assistant(text("b"), call("t1", "Read", { x: 1 }), call("t2")),
      user(result("t2", "two"), result("t1", "one"), text("go")),
    ];
    expect(messages(list)).toEqual([
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: "b",
        tool_calls: [
          { id: "t1", type: "function", function: { name: "Read", arguments: '{"x":1}' } },
          { id: "t2", type: "function", function: { name: "Read", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "t1", content: "one" },
      { role: "tool", tool_call_id: "t2", content: "two" },
      { role: "user", content: "go" },
    ]);
  });

  test("errors are marked, and an empty result gets a placeholder", () => {
    const content = (given: unknown, more = {}) =>
      messages([user("a"), assistant(call("t1")), user(result("t1", given, more))])[2]?.content;
    expect(content("boom", { is_error: true })).toBe("Error: boom");
    expect(content("Error: boom", { is_error: true })).toBe("Error: boom");
    expect(content(undefined)).toBe("(no output)");
    expect(content([])).toBe("(no output)");
    expect(content("")).toBe("(no output)");
    expect(content([text("a"), text("b")])).toBe("a\nb");
  });

  test("images in results follow all of them, or stay where the backend takes them", () => {
    const list = [
      user("a"),
      assistant(call("t1"), call("t2")),
      user(result("t1", [text("seen"), image]), result("t2", "two"), text("go")),
    ];
    expect(messages(list).slice(2)).toEqual([
      { role: "tool", tool_call_id: "t1", content: "seen\n[See the attachment below]" },
      { role: "tool", tool_call_id: "t2", content: "two" },
      {
        role: "user",
        content: [
          { type: "text", text: "Attached to the result of Read:" },
          imagePart,
          { type: "text", text: "go" },
        ],
      },
    ]);
    expect(messages(list, { backend: "openrouter" })[2]).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: [{ type: "text", text: "seen" }, imagePart],
    });
  });

  test("an assistant message with only calls has no content", () => {
    const list = [user("a"), assistant(call("t1")), user(result("t1", "x"))];
    expect(messages(list)[1]?.content).toBeNull();
    expect(messages(list, { backend: "mistral" })[1]?.content).toBe("");
  });

  test("calls without a result, results without a call, and two results for one call", () => {
    expect(messages([user("a"), assistant(call("t1")), user("stop")]).slice(2)).toEqual([
      { role: "tool", tool_call_id: "t1", content: "[The call was interrupted and has no result]" },
      { role: "user", content: "stop" },
    ]);
    expect(messages([user("a"), assistant(call("t1"))]).at(-1)).toMatchObject({ role: "tool" });
    expect(messages([user(result("gone", "found"), text("b"))])).toEqual([
      { role: "user", content: "[Result of tool call gone]\n\nfound\n\nb" },
    ]);
    expect(
      messages([user("a"), assistant(call("t1")), user(result("t1", "old"), result("t1", "new"))])[2]
        ?.content,
    ).toBe("new");
  });

  test("ids are valid for the backend, equal in call and result, and unique", () => {
    const list = [
      user("a"),
      assistant(call("toolu_01ABC"), call("functions.x:1")),
      user(result("toolu_01ABC", "1"), result("functions.x:1", "2")),
    ];
    const ids = (backend: "generic" | "mistral") =>
      messages(list, { backend }).flatMap((one) =>
        one.role === "tool"
          ? [one.tool_call_id]
          : one.role === "assistant"
            ? (one.tool_calls ?? []).map(({ id }) => id)
            : [],
      );
    const [first, second, third, fourth] = ids("generic");
    expect([first, third]).toEqual(["toolu_01ABC", "toolu_01ABC"]);
    expect(second).toMatch(/^call_[0-9a-f]{24}$/);
    expect(fourth).toBe(second ?? "");
    const short = ids("mistral");
    expect(short.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true);
    expect(new Set(short).size).toBe(2);
    expect(ids("mistral")).toEqual(short);
  });
});

test("calls that share an id get unique ids, and their results stay in order", () => {
  const list = [
    user("a"),
    assistant(call("call_0"), call("call_0")),
    user(result("call_0", "one"), result("call_0", "two")),
    assistant(call("call_0")),
    user(result("call_0", "three")),
  ];
  const tools = messages(list).filter((one) => one.role === "tool");
  expect(tools.map(({ content }) => content)).toEqual(["one", "two", "three"]);
  expect(new Set(tools.map(({ tool_call_id }) => tool_call_id)).size).toBe(3);
});

test("a conversation without content is still sent", () => {
  expect(messages([assistant(text(""))])).toEqual([{ role: "user", content: "(empty message)" }]);
});

describe("system messages inside the conversation", () => {
  const reminder = (words: string) => `<system-reminder>\n${words}\n</system-reminder>`;

  test("are folded into the message before them", () => {
    expect(messages([user("a"), system("rule"), assistant(text("b")), user("c")])).toEqual([
      { role: "user", content: `a\n\n${reminder("rule")}` },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ]);
  });

  test("join the last tool result and never become a user message after it", () => {
    expect(
      messages([user("a"), assistant(call("t1")), user(result("t1", "x")), system([text("rule")])]).slice(2),
    ).toEqual([{ role: "tool", tool_call_id: "t1", content: `x\n\n${reminder("rule")}` }]);
  });

  test("are sent as such where the backend takes them, never between calls and results", () => {
    const list = [
      user("a"),
      system("one"),
      assistant(call("t1")),
      system("two"),
      user(result("t1", "x"), text("go")),
    ];
    const roles = messages(list, { backend: "openai", model: "gpt-5.4" }).map(({ role }) => role);
    expect(roles).toEqual(["user", "developer", "assistant", "tool", "developer", "user"]);
    expect(messages(list).filter(({ role }) => role === "system")).toEqual([]);
  });

  test("keep their images", () => {
    expect(messages([user("a"), system([text("rule"), image])])[0]).toMatchObject({
      content: [{ text: "a" }, { text: reminder("rule") }, imagePart],
    });
  });

  describe("tool changes", () => {
    const change = (type: string, tool: object) => ({ type, tool });
    const reference = (name: string) => ({ type: "tool_reference", name });

    test("are not forwarded, and show in the list of tools", () => {
      const definition = tool("Added", { description: "d" });
      const blocks = [
        change("tool_addition", { type: "tool_definition", definition }),
        change("tool_removal", reference("Gone")),
        text("rule"),
      ];
      const chat = write({
        tools: [tool("Gone"), tool("Kept")],
        messages: [user("a"), system(blocks), system([change("tool_addition", reference("Kept"))])],
      });
      expect(chat.tools?.map((one) => one.function.name)).toEqual(["Kept", "Added"]);
      expect(chat.messages).toEqual([{ role: "user", content: `a\n\n${reminder("rule")}` }]);
    });

    test("become text where a called tool has to stay", () => {
      const chat = write({
        tools: [tool("Gone"), tool("Kept")],
        messages: [
          user("a"),
          assistant(call("t1", "Gone")),
          user(result("t1", "x")),
          system([change("tool_removal", reference("Gone"))]),
        ],
      });
      expect(chat.tools).toHaveLength(2);
      expect(JSON.stringify(chat.messages.at(-1))).toContain(
        "The tool Gone was taken away and must not be called any more",
      );
    });

    test("are named in the log where they change nothing", () => {
      const blocks = [change("tool_removal", { type: "mcp_toolset_reference", server_name: "s" })];
      expect(writeRequest(planFor(ask({ messages: [user("a"), system(blocks)] }))).notes).toEqual([
        "left out a tool_removal block, which names no tool that we know of",
      ]);
    });
  });
});

test("each turn of a session starts with the messages of the turn before, wherever its cache marks are", () => {
  type Said = { readonly role: string; readonly content: object[] };
  const says = (role: string, ...content: object[]): Said => ({ role, content });
  const claude: PlanChanges = { backend: "openrouter", model: "anthropic/claude-sonnet-5" };
  for (const backend of [claude, ...backendNames.map((backend) => ({ backend }))]) {
    const session = [says("user", text("Begin"), text("context")), says("system", text("environment"))];
    let before: unknown[] = [];
    for (let turn = 0; turn < 20; turn++) {
      // Clients mark the last blocks of the last messages, others from turn to turn.
      const list = session.map(({ role, content }, at) => ({
        role,
        content:
          at < session.length - 3 ? content : [...content.slice(0, -1), { ...content.at(-1), ...marked }],
      }));
      const sent: unknown[] = JSON.parse(
        JSON.stringify(messages(list, backend), (key, value) =>
          key === "cache_control" ? undefined : value,
        ),
      );
      expect(sent.slice(0, before.length)).toEqual(before);
      before = sent;
      const id = `toolu_${turn}`;
      const thought = { type: "thinking", thinking: `hm ${turn}`, signature: "s" };
      if (turn % 2 === 0) {
        session.push(says("assistant", thought, text(`step ${turn}`), call(id, "Read", { turn })));
        session.push(says("user", result(id, turn % 3 === 0 ? [image] : `result ${turn}`)));
      } else {
        session.push(says("assistant", thought, text(`step ${turn}`), text("done\n")));
        session.push(says("user", text("more")));
      }
      if (turn % 4 === 0) session.push(says("user", text("and this")));
      if (turn % 5 === 0) session.push(says("system", text(`notice ${turn}`)));
    }
  }
});

describe("tools", () => {
  test("are functions with an object at the root, without annotations, keys in order", () => {
    const schema = {
      $schema: "x",
      type: "object",
      required: ["b"],
      properties: { b: { type: "string" }, a: {} },
      additionalProperties: false,
    };
    const { tools } = write({
      tools: [
        tool("T", { description: "d", input_schema: schema, ...marked, strict: true }),
        tool("U", { input_schema: {} }),
      ],
    });
    expect(JSON.stringify(tools)).toBe(
      '[{"type":"function","function":{"name":"T","description":"d","parameters":{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"a":{}},"additionalProperties":false}}},' +
        '{"type":"function","function":{"name":"U","parameters":{"type":"object","properties":{}}}}]',
    );
  });

  test("without tools there are no fields about tools", () => {
    const { tools, tool_choice, parallel_tool_calls } = write({
      tools: [],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expect([tools, tool_choice, parallel_tool_calls]).toEqual([undefined, undefined, undefined]);
  });

  test("Claude Code's placeholder tool is left out", () => {
    expect(
      write({ tools: [tool("DeferredToolPlaceholder", { defer_loading: true }), tool("Read")] }).tools,
    ).toHaveLength(1);
  });

  test("long names are shortened everywhere and mapped back", () => {
    const long = `mcp__${"server_".repeat(12)}_tool.v1`;
    const written = writeRequest(
      planFor(
        ask({
          tools: [tool(long)],
          tool_choice: { type: "tool", name: long },
          messages: [user("a"), assistant(call("t1", long)), user(result("t1", "x"))],
        }),
      ),
    );
    const chat: ChatRequest = JSON.parse(written.body);
    const short = chat.tools?.[0]?.function.name ?? "";
    expect(short).toMatch(/^[\w-]{64}$/);
    expect(chat.tool_choice).toEqual({ type: "function", function: { name: short } });
    expect(chat.messages[1]).toMatchObject({ tool_calls: [{ function: { name: short } }] });
    expect(written.clientToolName(short)).toMatchObject({ name: long });
    expect(written.clientToolName("Read")).toMatchObject({ name: "Read" });
  });

  test("client tools become functions, server tools are left out and named", () => {
    const written = writeRequest(
      planFor(
        ask({
          tools: [
            { type: "bash_20250124", name: "bash" },
            { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
            { type: "memory_20250818", name: "memory" },
            { type: "web_search_20990101", name: "web_search" },
          ],
        }),
      ),
    );
    const chat: ChatRequest = JSON.parse(written.body);
    expect(chat.tools?.map((one) => one.function.name)).toEqual([
      "bash",
      "str_replace_based_edit_tool",
      "memory",
    ]);
    expect(chat.tools?.[1]?.function.parameters).toMatchObject({
      properties: { insert_text: { type: "string" } },
      required: ["command"],
    });
    expect(written.notes).toEqual(["left out tool web_search, which only Anthropic's servers run"]);
  });

  test("unknown tools are left out and named", () => {
    const tools = [
      { type: "teleport_20300101", name: "teleport" },
      { type: "mcp_toolset", mcp_server_name: "s" },
    ];
    const written = writeRequest(planFor(ask({ tools, tool_choice: { type: "tool", name: "teleport" } })));
    expect(JSON.parse(written.body)).not.toHaveProperty("tools");
    expect(written.notes).toEqual([
      "left out tool teleport, whose type is not known",
      "left out tool mcp_toolset, which only Anthropic's servers run",
    ]);
  });

  describe("a toolset", () => {
    const computer = { type: "computer_toolset_20260801" };
    const browser = { type: "browser_toolset_20260801" };
    const member = (id: string, name: string, toolset_name: string, input = {}) => ({
      ...call(id, name, input),
      toolset_name,
    });

    test("becomes one function a member, mapped back with the toolset's name", () => {
      const written = writeRequest(planFor(ask({ tools: [computer] })));
      const chat: ChatRequest = JSON.parse(written.body);
      expect(chat.tools).toHaveLength(17);
      expect(chat.tools?.find((one) => one.function.name === "zoom")?.function.parameters).toMatchObject({
        properties: { region: { type: "array" } },
        required: ["region"],
      });
      expect(written.clientToolName("screenshot")).toMatchObject({ name: "screenshot", toolset: "computer" });
    });

    test("that shares names with another gets prefixed names, in history and tool choice too", () => {
      const chat = write({
        tools: [computer, browser],
        tool_choice: { type: "tool", name: "navigate" },
        messages: [
          user("a"),
          assistant(
            member("t1", "zoom", "browser", { region: [0, 0, 9, 9] }),
            member("t2", "key", "computer"),
          ),
          user(
            result("t1", [image, { type: "browser_state", tabs: [] }], { toolset_name: "browser" }),
            result("t2", "ok", { toolset_name: "computer" }),
          ),
        ],
      });
      const names = chat.tools?.map((one) => one.function.name) ?? [];
      expect(names).toHaveLength(17 + 31);
      expect(new Set(names).size).toBe(names.length);
      expect(chat.tool_choice).toEqual({ type: "function", function: { name: "navigate" } });
      expect(chat.messages[1]).toMatchObject({
        tool_calls: [
          { function: { name: "browser_zoom", arguments: '{"region":[0,0,9,9]}' } },
          { function: { name: "computer_key" } },
        ],
      });
      expect(chat.messages[2]).toMatchObject({ role: "tool", tool_call_id: "t1" });
      expect(JSON.stringify(chat.messages[2])).toContain("tabs");
      expect(chat.messages[4]).toMatchObject({
        content: [{ text: "Attached to the result of browser_zoom:" }, imagePart],
      });
    });

    test("fits every backend", () => {
      for (const backend of ["openai", "gemini", "moonshot", "openrouter"] as const) {
        const { tools } = write({ tools: [browser] }, { backend });
        const target = tools?.find((one) => one.function.name === "left_click")?.function.parameters
          .properties;
        expect(JSON.stringify(target)).toContain("ref");
      }
    });

    test("that was removed leaves its calls in the history", () => {
      const chat = write({
        tools: [tool("zoom")],
        messages: [user("a"), assistant(member("t1", "zoom", "computer")), user(result("t1", "x"))],
      });
      expect(chat.messages[1]).toMatchObject({ tool_calls: [{ function: { name: "computer_zoom" } }] });
    });
  });

  test("a tool reference names the function as it was sent", () => {
    const long = `mcp__${"server_".repeat(12)}_tool`;
    const found = result("t1", [{ type: "tool_reference", tool_name: long }]);
    const chat = write({
      tools: [tool("Find"), tool(long, { defer_loading: true })],
      messages: [user("a"), assistant(call("t1", "Find")), user(found)],
    });
    const short = chat.tools?.[1]?.function.name;
    expect(short).toHaveLength(64);
    expect(chat.messages[2]).toMatchObject({ content: `The tool ${short} is loaded and can be called now` });
  });

  test("tool_choice is translated", () => {
    const choose = (tool_choice: object, backend: PlanChanges["backend"] = "generic") =>
      write({ tools: [tool("A"), tool("B")], tool_choice }, { backend });
    expect(choose({ type: "auto" }).tool_choice).toBeUndefined();
    expect(choose({ type: "any" }).tool_choice).toBe("required");
    expect(choose({ type: "any" }, "mistral").tool_choice).toBe("any");
    expect(choose({ type: "any" }, "zai").tool_choice).toBe("auto");
    expect(choose({ type: "none" }).tool_choice).toBe("none");
    expect(choose({ type: "none" }, "zai").tools).toBeUndefined();
    expect(choose({ type: "tool", name: "A" }).tool_choice).toEqual({
      type: "function",
      function: { name: "A" },
    });
    expect(choose({ type: "tool", name: "A" }, "llamacpp")).toMatchObject({
      tool_choice: "required",
      tools: [{ function: { name: "A" } }],
    });
    expect(() => choose({ type: "tool", name: "C" })).toThrow("Tool 'C' not found");
  });

  test("parallel calls are disabled where the backend has a field for it", () => {
    const serial = { tools: [tool("A")], tool_choice: { type: "auto", disable_parallel_tool_use: true } };
    expect(write(serial).parallel_tool_calls).toBe(false);
    expect(write(serial, { backend: "ollama" })).not.toHaveProperty("parallel_tool_calls");
    expect(write({ tools: [tool("A")] })).not.toHaveProperty("parallel_tool_calls");
  });

  test("calls in the history without tools in the request give their names, and tool_choice none", () => {
    const chat = write({ messages: [user("a"), assistant(call("t1", "Gone")), user(result("t1", "x"))] });
    expect(chat).toMatchObject({ tools: [{ function: { name: "Gone" } }], tool_choice: "none" });
  });
});

describe("parameters", () => {
  test("max_tokens is sent in one field only", () => {
    expect(write({})).toMatchObject({ max_tokens: 100 });
    expect(write({}, { backend: "openai" })).toMatchObject({ max_completion_tokens: 100 });
    expect(write({}, { backend: "openai" })).not.toHaveProperty("max_tokens");
  });

  test("top_k is sent only where it is known, and sampling stays in range", () => {
    const sampling = { temperature: 3, top_p: 0.5, top_k: 7 };
    expect(write(sampling)).toMatchObject({ temperature: 2, top_p: 0.5 });
    expect(write(sampling)).not.toHaveProperty("top_k");
    expect(write(sampling, { backend: "openrouter" })).toMatchObject({ top_k: 7 });
    expect(
      Object.keys(write({ ...sampling, stop_sequences: ["x"] }, { backend: "openai", model: "gpt-5.4" })),
    ).not.toContain("temperature");
  });

  test("blank stop sequences are dropped, and their number is limited", () => {
    expect(write({ stop_sequences: ["</severity>", " \n"] }).stop).toEqual(["</severity>"]);
    expect(write({ stop_sequences: ["a", "b", "c", "d", "e"] }).stop).toEqual(["a", "b", "c", "d"]);
    expect(write({ stop_sequences: ["\n"] })).not.toHaveProperty("stop");
  });

  test("a JSON schema for the answer", () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string" } },
      required: ["title"],
      additionalProperties: false,
    };
    const asked = { output_config: { format: { type: "json_schema", schema } } };
    expect(write(asked).response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "response", schema, strict: true },
    });
    expect(
      write({ output_format: { type: "json_schema", schema: { ...schema, required: [] } } }).response_format,
    ).toEqual({
      type: "json_schema",
      json_schema: { name: "response", schema: { ...schema, required: [] } },
    });
    const degraded = write({ ...asked, system: "s" }, { backend: "deepseek" });
    expect(degraded.response_format).toEqual({ type: "json_object" });
    expect(degraded.messages[0]?.content).toContain('"title"');
  });

  test("reasoning in the backend's own fields: disabled wins over effort, and effort alone requests nothing", () => {
    const on = { thinking: { type: "adaptive" }, output_config: { effort: "max" } };
    const off = { thinking: { type: "disabled" }, output_config: { effort: "high" } };
    const budget = { max_tokens: 64_000, thinking: { type: "enabled", budget_tokens: 10000 } };
    expect(write(on, { backend: "openrouter" }).reasoning).toEqual({ effort: "max" });
    expect(write(off, { backend: "openrouter" }).reasoning).toEqual({ effort: "none" });
    expect(write(budget, { backend: "openrouter" }).reasoning).toEqual({ max_tokens: 10000 });
    expect(write(off, { backend: "deepseek" }).thinking).toEqual({ type: "disabled" });
    expect(write(off, { backend: "qwen" })).toMatchObject({ enable_thinking: false });
    expect(write(off, { backend: "vllm" })).toMatchObject({
      chat_template_kwargs: { enable_thinking: false },
    });
    expect(write(budget, { backend: "xai", model: "grok-4.3" })).toMatchObject({ reasoning_effort: "high" });
    expect(write(budget, { backend: "xai", model: "grok-4" })).not.toHaveProperty("reasoning_effort");
    for (const backend of ["openrouter", "deepseek", "qwen", "vllm"] as const) {
      const fields = Object.keys(write({ output_config: { effort: "high" } }, { backend }));
      expect(fields.filter((field) => /reason|think|chat_template/.test(field))).toEqual([]);
    }
  });

  test("a hash identifies the user, and the session id the cache", () => {
    const body = { metadata: { user_id: '{"device_id":"secret-device"}' } };
    const chat = write(body, { backend: "openai", model: "gpt-4.1", sessionId: "session-1" });
    expect(chat).toMatchObject({
      prompt_cache_key: "session-1",
      safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(chat)).not.toContain("secret-device");
    expect(write(body, { backend: "openrouter", sessionId: "s" })).toMatchObject({ session_id: "s" });
    expect(Object.keys(write(body, { sessionId: "s" })).sort()).toEqual([
      "max_tokens",
      "messages",
      "model",
      "stream",
      "stream_options",
    ]);
  });

  test("what only Anthropic understands is not sent", () => {
    const chat = write({
      container: "c",
      context_management: { edits: [] },
      safeguards: [{ type: "x" }],
      mcp_servers: [],
      betas: ["b"],
      speed: "fast",
      service_tier: "auto",
    });
    expect(Object.keys(chat).sort()).toEqual(["max_tokens", "messages", "model", "stream", "stream_options"]);
  });

  test("stream_options are not sent where they are refused", () => {
    expect(write({}, { backend: "mistral" })).not.toHaveProperty("stream_options");
  });
});

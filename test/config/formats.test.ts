import { describe, expect, test } from "bun:test";
import {
  baseUrl,
  type Format,
  headerList,
  headers,
  host,
  integer,
  key,
  Misfit,
  modelName,
  oneOf,
  origins,
  seconds,
  showValue,
} from "../../src/config/formats.ts";

/** The value, or the message of the refusal. */
const read = (format: Format<unknown>, given: Parameters<typeof format>[0]): unknown => {
  try {
    return format(given);
  } catch (thrown) {
    if (thrown instanceof Misfit) return `refused: ${thrown.problems.map(({ message }) => message).join()}`;
    throw thrown;
  }
};
const refused = expect.stringMatching(/^refused: must/);

describe.each<[name: string, format: Format<unknown>, rows: [text: string, value: unknown][]]>([
  [
    "key",
    key(),
    [
      ["sk-1!", "sk-1!"],
      ["a b", refused],
      ["ü", refused],
      ["", refused],
    ],
  ],
  [
    "modelName",
    modelName(),
    [
      ["openai/gpt-5.4", "openai/gpt-5.4"],
      ["modèle", "modèle"],
      ["a\nb", refused],
      ["x".repeat(257), refused],
    ],
  ],
  [
    "integer",
    integer(0, 65_535),
    [
      ["0", 0],
      ["65535", 65_535],
      ["65536", refused],
      ["8o82", refused],
      ["0x10", refused],
      ["99999999999999999999", refused],
      ["-1", refused],
      ["1.5", refused],
      ["1e3", refused],
    ],
  ],
  [
    "seconds",
    seconds(),
    [
      ["90", 90],
      ["0.5", 0.5],
      ["0", refused],
      ["86401", refused],
      [".5", refused],
    ],
  ],
  [
    "oneOf",
    oneOf(["INFO", "none"]),
    [
      ["info", "INFO"],
      ["NONE", "none"],
      ["loud", refused],
    ],
  ],
  [
    "baseUrl",
    baseUrl(),
    [
      ["https://a.example/v1//", "https://a.example/v1"],
      ["HTTP://a.example", "HTTP://a.example"],
      ["ftp://a.example", refused],
      ["http:h", refused],
      ["https://", refused],
      ["https://me:secret@a.example", refused],
      ["https://a.example/v1?", refused],
      ["https://a.example/v1#", refused],
      ["a.example/v1", refused],
    ],
  ],
  [
    "host",
    host(),
    [
      ["[::1]", "::1"],
      ["::", "::"],
      ["my-host.example", "my-host.example"],
      ["a b", refused],
      ["a/b", refused],
    ],
  ],
  [
    "origins",
    origins(),
    [
      ["https://a.example/, http://b.example:8080", ["https://a.example", "http://b.example:8080"]],
      ["*", refused],
      ["null", refused],
      ["a.example", refused],
      ["https://a.example/path", refused],
      ["https://a.example,", refused],
    ],
  ],
])("%s", (_, format, rows) => {
  test.each(rows)("%j", (text, value) => {
    expect(read(format, text)).toEqual(value);
  });
});

test("a required variable says what to do when it is missing", () => {
  expect(read(key("set it"), undefined)).toBe("refused: set it");
});

test.each([
  ["https://me:secret@a.example/v1?key=secret", '"https://a.example/…"'],
  ["https://a.example/v1", '"https://a.example/…"'],
  ["ftp://a.example", '"ftp://a.example"'],
  ["https://[::1]:8080", '"https://[::1]:8080"'],
  ["8o82", '"8o82"'],
  ["sk-0123456789", "(hidden, 13 characters)"],
  ["x", '"x"'],
])("of the refused value %s a message shows %s", (value, shown) => {
  expect(showValue(value)).toBe(shown);
});

describe("headers", () => {
  const format = headers("H_");

  test("are named after their variables", () => {
    expect(read(format, { H_X_TITLE: "a", H_HTTP_REFERER: "https://b" })).toEqual({
      "X-Title": "a",
      "Http-Referer": "https://b",
    });
  });

  test.each([
    ["H_", "a", "header name"],
    ["H_A B", "a", "header name"],
    ["H_HOST", "a", "the proxy sets Host itself"],
    ["H_CONTENT_LENGTH", "0", "the proxy sets Content-Length itself"],
    ["H_A", "x\r\nEvil: 1", "one line"],
    ["H_A", "ü", "one line"],
    ["H_TRANSFER_ENCODING", "chunked", "the proxy sets"],
  ])("are refused: %s=%j", (name, value, message) => {
    expect(read(format, { [name]: value })).toContain(message);
  });
});

test("a list of headers has names and decoded values, and no header that frames a message", () => {
  const readList = (text: string) => read(headerList(), text);
  expect(readList("authorization=Bearer%20abc, X-Team = a=b")).toEqual({
    authorization: "Bearer abc",
    "x-team": "a=b",
  });
  expect(readList("a=%zz")).toEqual({ a: "%zz" });
  for (const wrong of ["a", "=b", "a=1,b", "content-length=1", "a=%0d%0ab"])
    expect(readList(wrong)).toEqual(refused);
});

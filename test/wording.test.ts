import { expect, test } from "bun:test";
import { Glob } from "bun";

/** One message of an error or a log line, as written in the source. */
type Message = { readonly place: string; readonly text: string };

/** The first text with a space in it after `new …Error(` or `log.warning(`. Texts in variables are not seen. */
const thrown =
  /(?:new \w*Error|\b(?:log|tell)\.(?:error|warning|info|debug))\((?:\[|[^"`;]|"[^"\s]*")*?(["`])((?:(?!\1)[^\\]|\\.)* (?:(?!\1)[^\\]|\\.)*)\1/g;

const root = `${import.meta.dir}/../`;
const files = [...new Glob("{src,scripts}/**/*.ts").scanSync(root)].sort();
const messages: Message[] = await Promise.all(
  files.map(async (file) => {
    const code = await Bun.file(root + file).text();
    return [...code.matchAll(thrown)].map(([, , text = ""]) => ({ place: file, text }));
  }),
).then((lists) => lists.flat());

/** Words of Anthropic's API that clients match. */
const borrowed = /^Request too large/;
/** A message may begin with a name: a flag, a variable, a field of the request, or a placeholder. */
const named = /^(--|\$\{|[A-Z_]+\b(?=[ :=])|[a-z_]+: )/;

test("messages are found", () => {
  expect(messages.length).toBeGreaterThan(40);
});

test("an error says what cannot be done, or states a fact; it never gives an order", () => {
  const subjects = /^(Cannot|The|An?|There|It|\w+ed) /;
  const orders = messages.filter(
    ({ text }) => /: /.test(text) && !borrowed.test(text) && !named.test(text) && !subjects.test(text),
  );
  expect(orders).toEqual([]);
});

test("messages begin with a capital and end without a period", () => {
  const odd = messages.filter(
    ({ text }) => (!/^[A-Z]/.test(text) && !borrowed.test(text) && !named.test(text)) || /[^.]\.$/.test(text),
  );
  expect(odd).toEqual([]);
});

import { expect, test } from "bun:test";
import { flags, namesOf } from "../../src/commands/command-table.ts";
import { roff, writeManual } from "../../src/commands/write-manual.ts";
import { variables } from "../../src/config/variables.ts";

test("the manual has the flags and variables of the help, in valid roff", () => {
  const manual = writeManual("prog", "1.2.3");
  for (const name of namesOf(flags)) expect(manual).toContain(name.replaceAll("-", "\\-"));
  for (const { name } of variables) expect(manual).toContain(`.B ${name}\n`);
  const requests = manual.match(/^[.'].*$/gm)?.filter((line) => !/^\.(TH|SH|TP|B|br)\b/.test(line));
  expect(requests).toEqual([]);
});

test.skipIf(Bun.which("groff") === null)("groff accepts the manual without a warning", async () => {
  const groff = Bun.spawn(["groff", "-man", "-Tutf8", "-ww"], {
    stdin: new Blob([writeManual("prog", "1.2.3")]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, complaints] = await Promise.all([groff.stdout.text(), groff.stderr.text()]);
  expect(complaints).toBe("");
  expect(text).toContain("Address to listen on");
});

test("what roff does not know by itself is written for it", () => {
  expect(roff("…")).toBe("\\[u2026]");
  expect(roff(".env and `--port`")).toBe("\\&.env and \\fB\\-\\-port\\fR");
});

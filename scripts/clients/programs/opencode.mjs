/** opencode, as from a terminal: its events are read from what it prints. */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const [, prompt] = process.argv.slice(2);
const program = `${dirname(fileURLToPath(import.meta.url))}/node_modules/.bin/opencode`;
const flags = ["run", "--pure", "--format", "json", "--model", "anthropic/claude-sonnet-4-6"];
const { stdout, stderr } = spawnSync(program, [...flags, prompt], { encoding: "utf8" });
const events = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
const text = events.flatMap(({ type, part }) => (type === "text" ? [part.text] : [])).join("");
const failure = events.find(({ type }) => type === "error");

console.log(JSON.stringify(failure || !text ? { error: JSON.stringify(failure ?? stderr) } : { text }));

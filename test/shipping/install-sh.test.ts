import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TargetName } from "../../scripts/shipping/targets.ts";
import {
  type Machine,
  makeTools,
  pack,
  type ReleaseServer,
  runInstaller,
  serveRelease,
  writeProgram,
} from "../support/installer.ts";

/** The scripts are for `sh`. */
const describeUnix = describe.skipIf(process.platform === "win32");

let server: ReleaseServer;
let home: string;
let directory: string;
let program: string;

beforeEach(async () => {
  server = await serveRelease();
  home = mkdtempSync(join(tmpdir(), "install-"));
  directory = join(home, ".local/bin");
  program = join(directory, "claude-code-proxy");
});
afterEach(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

type Given = { readonly machine?: Machine; readonly env?: Record<string, string>; readonly script?: string };

function install({ machine = {}, env = {}, script = server.installer }: Given = {}) {
  const tools = mkdtempSync(join(home, "tools-"));
  makeTools(tools, machine);
  return runInstaller(script, { PATH: tools, HOME: home, MIRROR: server.url, ...env });
}

/** An installed program that is older than the release. */
function installOlder(): void {
  mkdirSync(directory, { recursive: true });
  writeProgram(program, "echo older");
}

/** What the installed program prints; anything else left behind by an installation is an error. */
function installed(): string | undefined {
  if (!existsSync(directory)) return undefined;
  const files = readdirSync(directory);
  if (files.length === 0) return undefined;
  expect(files).toEqual(["claude-code-proxy"]);
  return Bun.spawnSync([program, "--version"]).stdout.toString().trim();
}

const x64 = "/v1.2.3/claude-code-proxy-linux-x64.tar.gz";

describeUnix("picks the build", () => {
  const machines: readonly (readonly [TargetName, Machine])[] = [
    ["linux-x64", {}],
    ["linux-x64-baseline", { avx2: false }],
    ["linux-arm64", { processor: "aarch64", avx2: false }],
    ["linux-x64-musl", { musl: true }],
    ["linux-arm64-musl", { processor: "aarch64", musl: true }],
    ["darwin-x64", { system: "Darwin" }],
    ["darwin-arm64", { system: "Darwin", processor: "arm64" }],
    ["darwin-arm64", { system: "Darwin", rosetta: true }],
  ];
  test.each(machines)("%s for %j", async (target, machine) => {
    const { code, out, err } = await install({ machine });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(installed()).toBe(`claude-code-proxy 1.2.3 ${target}`);
    expect(out).toContain(`Installed claude-code-proxy 1.2.3 ${target} as ${program}\n`);
  });

  const strangers: readonly (readonly [string, Machine])[] = [
    ["no build for musl on a processor without AVX2", { musl: true, avx2: false }],
    ["no build for FreeBSD", { system: "FreeBSD" }],
    ["no build for processors of type riscv64", { processor: "riscv64" }],
    ["on Windows use install.ps1 or Scoop", { system: "MINGW64_NT-10.0-22631" }],
  ];
  test.each(strangers)("reports: %s", async (message, machine) => {
    const { code, err } = await install({ machine });
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(server.requests).toEqual([]);
    expect(installed()).toBeUndefined();
  });
});

describeUnix("refuses, and leaves what is there as it is:", () => {
  async function expectRefusal(message: string, given: Given = {}) {
    installOlder();
    const { code, err } = await install(given);
    expect(code).toBe(1);
    expect(err).toContain(`Cannot install claude-code-proxy: ${message}`);
    expect(installed()).toBe("older");
  }

  test("a tampered archive", async () => {
    server.assets.set(x64, pack("echo stolen"));
    await expectRefusal("claude-code-proxy-linux-x64.tar.gz is not what was released: its SHA-256 is ");
  });

  test("an archive of another target", async () => {
    server.assets.set(x64, server.archive("linux-arm64"));
    await expectRefusal("claude-code-proxy-linux-x64.tar.gz is not what was released");
  });

  test("a truncated archive", async () => {
    const archive = server.archive("linux-x64");
    server.assets.set(x64, archive.slice(0, archive.length / 2));
    await expectRefusal("claude-code-proxy-linux-x64.tar.gz is not what was released");
  });

  test("a download that breaks off", async () => {
    const half = "HTTP/1.1 200 OK\r\ncontent-length: 4096\r\n\r\nhalf";
    const cut = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => void socket.end(half) },
    });
    try {
      const mirror = `http://127.0.0.1:${cut.port}`;
      await expectRefusal(`cannot download ${mirror}${x64}`, { env: { MIRROR: mirror } });
    } finally {
      cut.stop(true);
    }
  });

  test("a missing archive", async () => {
    server.assets.delete(x64);
    await expectRefusal(`cannot download ${server.url}${x64}`);
  });

  test("a machine without a SHA-256 tool, before any download", async () => {
    await expectRefusal("no program here can check a SHA-256", { machine: { tools: ["curl", "wget"] } });
    expect(server.requests).toEqual([]);
  });

  test("a machine without curl and wget", async () => {
    await expectRefusal("curl is needed", { machine: { tools: ["sha256sum"] } });
  });

  test("a program that does not run", async () => {
    await server.stop();
    server = await serveRelease(() => "exit 127");
    await expectRefusal("the build linux-x64 does not run here");
  });

  test.each(["http://example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1"])(
    "a mirror at %s",
    async (mirror) => {
      await expectRefusal(`${mirror}/v1.2.3/claude-code-proxy-linux-x64.tar.gz is not https`, {
        env: { MIRROR: mirror },
      });
    },
  );

  test.each(["1.2.3/../../evil", "1.2.3 4", "*"])("the version %j", async (version) => {
    await expectRefusal(`VERSION=${version} is not a version`, { env: { VERSION: version } });
  });

  test("a directory in place of the program", async () => {
    mkdirSync(program, { recursive: true });
    const { code, err } = await install();
    expect({ code, err }).toEqual({
      code: 1,
      err: `Cannot install claude-code-proxy: ${program} is a directory\n`,
    });
  });
});

describeUnix("another version", () => {
  const archive = pack("echo claude-code-proxy 1.2.2");
  const digest = new Bun.CryptoHasher("sha256").update(archive).digest("hex");
  const line = `${digest}  claude-code-proxy-linux-x64.tar.gz`;
  const decoys = [
    `${"0".repeat(64)}  claude-code-proxy-linux-x64.tar.gz.sig`,
    `${"0".repeat(64)}  my-claude-code-proxy-linux-x64.tar.gz`,
    `${"0".repeat(64)}  claude-code-proxy-linux-x64Xtar.gz`,
  ];

  async function installOther(checksums: readonly string[], given: Given = {}) {
    server.assets.set("/v1.2.2/claude-code-proxy-linux-x64.tar.gz", archive);
    server.assets.set("/v1.2.2/checksums.txt", new Response(`${checksums.join("\n")}\n`));
    return await install({ ...given, env: { VERSION: "v1.2.2" } });
  }

  test("is checked against the line of its checksums.txt with exactly its name", async () => {
    const { code, err } = await installOther([...decoys, line, ...decoys]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(installed()).toBe("claude-code-proxy 1.2.2");
  });

  test.each([
    ["lacks its name", decoys],
    ["has its name twice", [line, line]],
    ["has half a digest", [line.slice(32)]],
    ["is empty", []],
  ])("is refused when checksums.txt %s", async (_, checksums) => {
    const { code, err } = await installOther(checksums);
    expect(code).toBe(1);
    expect(err).toContain("version 1.2.2 has no checksum for claude-code-proxy-linux-x64.tar.gz");
    expect(installed()).toBeUndefined();
  });

  test("is refused when its checksums.txt is missing", async () => {
    const { code, err } = await install({ env: { VERSION: "9.9.9" } });
    expect(code).toBe(1);
    expect(err).toContain(`cannot download ${server.url}/v9.9.9/checksums.txt`);
    expect(installed()).toBeUndefined();
  });

  test("needs curl, which enforces https, to get its checksums", async () => {
    const { code, err } = await installOther([line], { machine: { tools: ["wget", "sha256sum"] } });
    expect(code).toBe(1);
    expect(err).toContain("curl is needed");
  });
});

describeUnix("installs", () => {
  const pairs = ["curl shasum", "curl openssl", "wget sha256sum"].map((pair) => pair.split(" "));
  const here = pairs.filter((tools) => tools.every((tool) => Bun.which(tool)));
  test.each(here.map((tools) => ({ tools })))("with $tools", async ({ tools }) => {
    const { code, err } = await install({ machine: { tools } });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(installed()).toBe("claude-code-proxy 1.2.3 linux-x64");
  });

  test("over an older program", async () => {
    installOlder();
    await install();
    expect(installed()).toBe("claude-code-proxy 1.2.3 linux-x64");
  });

  test("into INSTALL_DIR, also one with a space, and says how to reach it", async () => {
    directory = join(home, "my programs");
    program = join(directory, "claude-code-proxy");
    const { code, out } = await install({ env: { INSTALL_DIR: directory } });
    expect(code).toBe(0);
    expect(installed()).toBe("claude-code-proxy 1.2.3 linux-x64");
    expect(out).toContain(`export PATH="${directory}:$PATH"`);
  });

  test("and adds the directory to a GitHub workflow's path", async () => {
    const file = join(home, "github-path");
    await Bun.write(file, "/before\n");
    await install({ env: { GITHUB_PATH: file } });
    expect(readFileSync(file, "utf8")).toBe(`/before\n${directory}\n`);
  });

  test("nothing when the script itself is truncated", async () => {
    const { length } = server.installer;
    for (const part of [0.2, 0.5, 0.7, 0.9, 0.95, 1 - 3 / length]) {
      await install({ script: server.installer.slice(0, Math.floor(length * part)) });
      expect(server.requests).toEqual([]);
      expect(installed()).toBeUndefined();
    }
  });
});

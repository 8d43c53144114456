import { describe, expect, test } from "bun:test";
import { chooseCapacity, maxFetches, readDescriptorLimit } from "../../src/commands/choose-capacity.ts";

const raised = { fetches: String(maxFetches), descriptors: undefined };

describe("capacity", () => {
  test("is what the operator allows", () => {
    expect(chooseCapacity(4096, raised)).toEqual({ requests: 4096, fetches: 65_527, limitedBy: undefined });
  });

  test("is below Bun's 256 fetches where they cannot be raised, and says so", () => {
    for (const fetches of [undefined, "", "0", "many", "70000", "-1", "1e3"]) {
      const { requests, limitedBy } = chooseCapacity(4096, { ...raised, fetches });
      expect(requests).toBe(248);
      expect(limitedBy).toContain("BUN_CONFIG_MAX_HTTP_REQUESTS");
    }
    expect(chooseCapacity(100, { ...raised, fetches: undefined })).toMatchObject({
      requests: 100,
      limitedBy: undefined,
    });
  });

  test("leaves two open files for each request, and says so", () => {
    const { requests, limitedBy } = chooseCapacity(4096, { ...raised, descriptors: 1024 });
    expect(requests).toBe(480);
    expect(limitedBy).toContain("ulimit -n");
  });

  test("is never zero", () => {
    expect(chooseCapacity(4096, { fetches: "1", descriptors: 3 })).toMatchObject({ requests: 1, fetches: 1 });
  });
});

test("the limit of open files is read from a diagnostic report", () => {
  expect(readDescriptorLimit({ userLimits: { open_files: { soft: 1024, hard: 4096 } } })).toBe(1024);
  expect(readDescriptorLimit({ userLimits: { open_files: { soft: "unlimited" } } })).toBeUndefined();
  expect(readDescriptorLimit({})).toBeUndefined();
  expect(readDescriptorLimit(undefined)).toBeUndefined();
});

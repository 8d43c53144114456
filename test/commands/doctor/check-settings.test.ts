import { expect, test } from "bun:test";
import { checkSettings } from "../../../src/commands/doctor/check-settings.ts";

test("settings that are no defaults are shown with their origin, and warnings are bad", () => {
  const settings = [
    { name: "PORT", value: "1", origin: "environment" },
    { name: "HOST", value: "h", origin: "default" },
  ];
  expect(checkSettings(settings, ["BIG_MODLE is odd"])).toEqual([
    { topic: "settings", state: "good", text: "PORT=1 (environment)" },
    { topic: "settings", state: "bad", text: "BIG_MODLE is odd", advice: "correct this, or remove it" },
  ]);
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createCalibration, type Load } from "../../../src/plan/size/calibrate.ts";

const load = (text: number, tools = 0): Load => ({ whole: 1, text, tools });

/** A backend that counts in its own way. */
const truth = ({ text, tools }: Load): number => 40 + 1.25 * text + 0.85 * tools;

const requests = [
  load(3000, 15_000),
  load(400),
  load(9000, 15_000),
  load(1200, 2000),
  load(20_000, 15_000),
  load(90),
];

describe("createCalibration", () => {
  test("starts from the initial guess", () => {
    const calibration = createCalibration(1.2);
    const tokens = calibration.predict(load(10_000));
    expect(tokens).toBeWithin(12_000, 12_010);
    expect(calibration.deviation(load(10_000)) / tokens).toBeWithin(0.1, 0.15);
  });

  test("learns text, tools and a constant from a few reports", () => {
    const calibration = createCalibration(1);
    for (const request of requests) calibration.learn(request, truth(request));
    for (const request of [load(5000), load(0, 15_000), load(30_000, 15_000)]) {
      const tokens = calibration.predict(request);
      expect(Math.abs(tokens / truth(request) - 1)).toBeLessThan(0.07);
      expect(calibration.deviation(request) / tokens).toBeLessThan(0.06);
    }
  });

  test("learns from the growth of a conversation", () => {
    const calibration = createCalibration(1);
    for (let turn = 0; turn < 8; turn += 1) calibration.learn({ whole: 0, text: 2000, tools: 0 }, 2500);
    expect(calibration.predict({ whole: 0, text: 1000, tools: 0 })).toBeWithin(1220, 1260);
  });

  test("learns from one report that another script costs three times as much, and words do not", () => {
    const calibration = createCalibration(1);
    calibration.learn(load(5000, 3000), truth(load(5000, 3000)));
    const words = calibration.predict(load(5000));
    const chinese = { whole: 0, text: 1000, foreign: 950, tools: 0 };
    calibration.learn(chinese, 3000);
    expect(calibration.predict(chinese)).toBeWithin(2900, 3010);
    expect(calibration.predict(load(5000)) / words).toBeWithin(0.97, 1.03);
  });

  test("learns within three conversations that a template has grown or shrunk, while they grow as before", () => {
    const calibration = createCalibration(1);
    const converse = (added: number) => {
      calibration.learn(load(3000, 5000), added + truth(load(3000, 5000)));
      for (let turn = 0; turn < 6; turn += 1) calibration.learn({ whole: 0, text: 800, tools: 0 }, 1000);
    };
    for (const added of [0, 5000, 200]) {
      for (let i = 0; i < 3; i += 1) converse(added);
      const tokens = calibration.predict(load(6000, 5000));
      expect(tokens / (added + truth(load(6000, 5000)))).toBeWithin(0.95, 1.05);
    }
  });

  test("ignores an outlier", () => {
    const calibration = createCalibration(1);
    for (const request of requests) calibration.learn(request, truth(request));
    const before = calibration.predict(load(10_000));
    calibration.learn(load(10_000), 60_000);
    calibration.learn(load(10_000), 300);
    expect(calibration.predict(load(10_000))).toEqual(before);
  });

  test("learns nothing from a prompt that is sent again and again, not even doubt", () => {
    const calibration = createCalibration(1);
    for (const request of requests) calibration.learn(request, truth(request));
    const [tokens, deviation] = [calibration.predict(load(10_000)), calibration.deviation(load(10_000))];
    for (let i = 0; i < 10_000; i += 1) calibration.learn({ whole: 0, text: 0, tools: 0 }, 0);
    expect(calibration.predict(load(10_000))).toBe(tokens);
    expect(calibration.deviation(load(10_000))).toBe(deviation);
  });

  test("follows a backend that changes, down as up", () => {
    for (const times of [2, 0.5]) {
      const calibration = createCalibration(1);
      for (const request of requests) calibration.learn(request, truth(request));
      for (let turn = 0; turn < 8; turn += 1) {
        const one = load(8000 + 500 * turn);
        calibration.learn(one, times * truth(one));
      }
      expect(calibration.predict(load(10_000)) / truth(load(10_000)) / times).toBeWithin(0.93, 1.07);
    }
  });

  test("what one kind of text costs says little about the others, and raises no floor", () => {
    const calibration = createCalibration(1);
    const before = calibration.floor(load(10_000));
    for (let turn = 0; turn < 12; turn += 1) {
      const text = 4000 + 300 * turn;
      calibration.learn({ ...load(text), foreign: 0.9 * text }, 40 + text * (0.1 + 0.9 * 2.2));
    }
    expect(calibration.predict({ ...load(10_000), foreign: 9000 })).toBeWithin(20_000, 22_000);
    expect(calibration.predict(load(10_000))).toBeLessThan(13_500);
    expect(calibration.floor(load(10_000))).toBe(before);
    for (let turn = 0; turn < 3; turn += 1)
      calibration.learn(load(5000 + turn * 900), 40 + 5000 + turn * 900);
    expect(calibration.predict(load(10_000))).toBeWithin(9500, 10_500);
  });

  test("a low report lowers the floor", () => {
    const calibration = createCalibration(1);
    for (let turn = 0; turn < 6; turn += 1)
      calibration.learn(load(5000 + 900 * turn), (5000 + 900 * turn) * 0.5);
    expect(calibration.floor(load(10_000))).toBeLessThanOrEqual(5000);
  });

  test("learns what a backend puts in front of small prompts", () => {
    const calibration = createCalibration(1);
    for (let turn = 0; turn < 6; turn += 1) calibration.learn(load(30 + 20 * turn), 1200 + 30 + 20 * turn);
    expect(calibration.predict(load(100))).toBeWithin(1200, 1400);
    expect(calibration.predict(load(10_000))).toBeWithin(10_000, 12_500);
  });

  test("keeps finite numbers, whatever is reported", () => {
    const size = fc.nat(2_000_000);
    const report = fc.record({ text: size, tools: size, whole: fc.constantFrom(0, 1), reported: size });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 60 }), (reports) => {
        const calibration = createCalibration(1);
        for (const { reported, ...one } of reports) calibration.learn(one, reported);
        expect(Number.isFinite(calibration.predict(load(10_000, 1000)))).toBe(true);
        expect(calibration.deviation(load(10_000, 1000))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

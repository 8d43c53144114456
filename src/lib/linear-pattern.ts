/**
 * Regular expressions that strangers may write: Python's syntax as far as it can be matched in time linear in the text.
 * The pattern becomes a machine that follows all of its alternatives at once, so nothing is ever tried twice.
 * Backreferences and lookarounds cannot be matched that way, and are refused, as in RE2.
 */
import type { Matches } from "./parse-characters.ts";
import { type PatternNode, parsePattern } from "./parse-pattern.ts";

type LinearPattern = {
  /**
   * Whether the pattern matches anywhere in the text.
   * @param budget what is left of the steps that may be taken; counted down
   * @throws PatternError when it is used up
   */
  test(text: string, budget: StepBudget): boolean;
};

type StepBudget = { steps: number };

/** A pattern that cannot be used, in words for whoever wrote it. */
export class PatternError extends Error {
  /** Matching took too long; otherwise the pattern itself is at fault. */
  readonly isTimeout: boolean;

  constructor(message: string, isTimeout = false) {
    super(message);
    this.isTimeout = isTimeout;
  }
}

/** What a pattern may become: `(a{99}){99}` stands for a thousand characters. */
const maxInstructions = 4000;

type Assertion = PatternNode & { type: "assertion" };
type Instruction =
  | { readonly op: "match" }
  | { readonly op: "character"; readonly matches: Matches }
  | { readonly op: "assert"; readonly kind: Assertion["kind"] }
  | { readonly op: "jump"; to: number }
  /** Goes on at both places. */
  | { readonly op: "fork"; to: number; or: number };

/** @throws PatternError */
export function compilePattern(source: string): LinearPattern {
  const program = writeProgram(parsePattern(source, (message) => new PatternError(message)));
  return { test: (text, budget) => run(program, [...text], budget) };
}

function writeProgram(root: PatternNode): readonly Instruction[] {
  const program: Instruction[] = [];

  function emit<One extends Instruction>(instruction: One): One {
    if (program.length >= maxInstructions) throw new PatternError("The pattern is too large");
    program.push(instruction);
    return instruction;
  }

  function write(node: PatternNode): void {
    switch (node.type) {
      case "character":
        emit({ op: "character", matches: node.matches });
        return;
      case "assertion":
        emit({ op: "assert", kind: node.kind });
        return;
      case "sequence":
        node.parts.forEach(write);
        return;
      case "choice":
        return writeChoice(node.options);
      case "repeat":
        return writeRepeat(node);
      default:
        return node satisfies never;
    }
  }

  function writeChoice(options: readonly PatternNode[]): void {
    const ends: { to: number }[] = [];
    for (const [at, option] of options.entries()) {
      const fork = at < options.length - 1 ? emit({ op: "fork", to: program.length + 1, or: 0 }) : undefined;
      write(option);
      if (!fork) continue;
      ends.push(emit({ op: "jump", to: 0 }));
      fork.or = program.length;
    }
    for (const end of ends) end.to = program.length;
  }

  function writeRepeat({ node, min, max }: PatternNode & { type: "repeat" }): void {
    for (let count = 0; count < min; count += 1) write(node);
    if (max === Number.POSITIVE_INFINITY) {
      const start = program.length;
      const fork = emit({ op: "fork", to: start + 1, or: 0 });
      write(node);
      emit({ op: "jump", to: start });
      fork.or = program.length;
      return;
    }
    const forks: { or: number }[] = [];
    for (let count = min; count < max; count += 1) {
      forks.push(emit({ op: "fork", to: program.length + 1, or: 0 }));
      write(node);
    }
    for (const fork of forks) fork.or = program.length;
  }

  write(root);
  emit({ op: "match" });
  return program;
}

function run(program: readonly Instruction[], text: readonly string[], budget: StepBudget): boolean {
  /** At which place of the text an instruction was last reached. */
  const reachedAt = new Int32Array(program.length).fill(-1);

  const open: number[] = [];

  /** Follows everything that takes no character; returns whether the pattern matches here. */
  function reach(first: number, at: number, waiting: number[]): boolean {
    open.push(first);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (reachedAt[next] === at) continue;
      reachedAt[next] = at;
      budget.steps -= 1;
      if (budget.steps < 0) throw new PatternError("The search took too long", true);
      const instruction = program[next];
      switch (instruction?.op) {
        case "match":
          return true;
        case "jump":
          open.push(instruction.to);
          break;
        case "fork":
          open.push(instruction.or, instruction.to);
          break;
        case "assert":
          if (holds(instruction.kind, text, at)) open.push(next + 1);
          break;
        case "character":
          waiting.push(next);
          break;
        case undefined:
          break;
        default:
          instruction satisfies never;
      }
    }
    return false;
  }

  let waiting: number[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    // A match may begin anywhere.
    if (reach(0, at, waiting)) return true;
    const character = text[at];
    if (character === undefined) break;
    const before = waiting;
    waiting = [];
    for (const place of before) {
      const instruction = program[place];
      const passes = instruction?.op === "character" && instruction.matches(character);
      if (passes && reach(place + 1, at + 1, waiting)) return true;
    }
  }
  return false;
}

function holds(kind: Assertion["kind"], text: readonly string[], at: number): boolean {
  switch (kind) {
    case "text-start":
      return at === 0;
    case "text-end":
      return at === text.length;
    case "end":
      return at === text.length || (at === text.length - 1 && text[at] === "\n");
    case "line-start":
      return at === 0 || text[at - 1] === "\n";
    case "line-end":
      return at === text.length || text[at] === "\n";
    case "word-edge":
      return isWordAt(text, at - 1) !== isWordAt(text, at);
    case "no-word-edge":
      return isWordAt(text, at - 1) === isWordAt(text, at);
    default:
      return kind satisfies never;
  }
}

function isWordAt(text: readonly string[], at: number): boolean {
  return /^[\p{L}\p{N}_]$/u.test(text[at] ?? "");
}

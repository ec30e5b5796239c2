import { expect, it } from "vitest";
import { SpeechQueueFullError } from "../../../../services/speech/index.ts";
import { WaitingLine } from "../../../../services/speech/recognition/waiting-line.ts";

interface Utterance {
  readonly name: string;
  readonly partial: boolean;
  readonly source: string | undefined;
}

function final(name: string, source?: string): Utterance {
  return { name, partial: false, source };
}
function partial(name: string, source?: string): Utterance {
  return { name, partial: true, source };
}

function served(line: WaitingLine<Utterance>): string[] {
  const names: string[] = [];
  for (let next = line.next(); next !== undefined; next = line.next()) names.push(next.name);
  return names;
}

function lineOf(limit: number, ...utterances: Utterance[]): WaitingLine<Utterance> {
  const line = new WaitingLine<Utterance>(limit);
  for (const utterance of utterances) line.join(utterance);
  return line;
}

it("serves finals before partials, and otherwise who came first", () => {
  const line = lineOf(9, partial("a"), final("b"), partial("c"), final("d"));
  expect(served(line)).toEqual(["b", "d", "a", "c"]);
});

it("lets sources take turns, however much one of them asks for", () => {
  const line = lineOf(9, final("a1", "a"), final("a2", "a"), final("a3", "a"), final("b1", "b"), final("c1", "c"));
  expect(served(line)).toEqual(["a1", "b1", "c1", "a2", "a3"]);
});

it("knows who was served last even when nobody waited in between", () => {
  const line = lineOf(9, final("a1", "a"));
  expect(served(line)).toEqual(["a1"]);
  line.join(final("a2", "a"));
  line.join(final("b1", "b"));
  expect(served(line)).toEqual(["b1", "a2"]);
});

it("gives the place of the oldest partial to a final where all places are taken", () => {
  const line = lineOf(3, final("a"), partial("b"), partial("c"));
  expect(line.join(final("d"))?.name).toBe("b");
  expect(served(line)).toEqual(["a", "d", "c"]);
});

it("refuses a partial, and a final among finals, where all places are taken", () => {
  const line = lineOf(2, final("a"), final("b"));
  expect(() => line.join(final("c"))).toThrow(SpeechQueueFullError);
  expect(() => line.join(partial("d"))).toThrow(SpeechQueueFullError);
  expect(served(line)).toEqual(["a", "b"]);
});

it("finds the partial of a source, and none for the nameless", () => {
  const line = lineOf(9, partial("a", "x"), partial("b"), final("c", "y"));
  expect(line.partialOf("x")?.name).toBe("a");
  expect(line.partialOf("y")).toBeUndefined();
  expect(line.partialOf(undefined)).toBeUndefined();
});

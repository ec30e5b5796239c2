import { describe, expect, it } from "vitest";
import { TextStream } from "../../../services/inference/llama/text-stream.ts";
import { seededRandom } from "../../support/seeded-random.ts";

/** Token = index into a list of byte pieces, as byte-level vocabularies have them. */
function detokenizer(pieces: readonly Buffer[]): (tokens: readonly number[]) => string {
  return (tokens) => Buffer.concat(tokens.map((token) => pieces[token] ?? Buffer.alloc(0))).toString("utf8");
}

function streamOf(pieces: readonly (string | Buffer)[], stops: readonly string[] = []) {
  const bytes = pieces.map((piece) => Buffer.from(piece as string));
  return new TextStream(detokenizer(bytes), stops);
}

function run(
  pieces: readonly (string | Buffer)[],
  stops: readonly string[] = [],
): { deltas: string[]; stopped: boolean } {
  const stream = streamOf(pieces, stops);
  const deltas = pieces.map((_, token) => stream.push(token));
  deltas.push(stream.end());
  return { deltas, stopped: stream.stopped };
}

const split = (text: string, at: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
};

describe("TextStream", () => {
  it("sends every token's text as it comes", () => {
    expect(run(["Mer", "haba", "!"]).deltas).toEqual(["Mer", "haba", "!", ""]);
  });

  it("holds a character back until all of its bytes are there", () => {
    expect(run(split("ş", [1])).deltas).toEqual(["", "ş", ""]);
    expect(run(split("a😀b", [2, 3, 4, 5])).deltas).toEqual(["a", "", "", "😀", "b", ""]);
  });

  it("copes with tokens that end one character and begin the next", () => {
    const pieces = split("😀😃😄😁", [2, 6, 10, 14]);
    expect(run(pieces).deltas.join("")).toBe("😀😃😄😁");
  });

  it("sends what is really broken after four fragments instead of holding it for ever", () => {
    const broken = [0xff, 0xff, 0xff, 0xff].map((byte) => Buffer.from([byte]));
    const { deltas } = run([...broken, "ok"]);
    expect(deltas.slice(0, 3)).toEqual(["", "", ""]);
    expect(deltas.join("").endsWith("ok")).toBe(true);
  });

  it("sends an incomplete character as one replacement when the model ends inside it", () => {
    expect(run(["a", Buffer.from([0xc5])]).deltas).toEqual(["a", "", "\uFFFD"]);
  });

  it("keeps the spaces between words that a detokenizer drops at the start of a text", () => {
    const words = ["▁Merhaba", "▁nasıl", "sın"];
    const detokenize = (tokens: readonly number[]): string =>
      tokens
        .map((token) => words[token] ?? "")
        .join("")
        .replaceAll("▁", " ")
        .replace(/^ /, "");
    const stream = new TextStream(detokenize, []);
    expect([0, 1, 2].map((token) => stream.push(token))).toEqual(["Merhaba", " nasıl", "sın"]);
  });

  it("ends before a stop string and sends nothing after it", () => {
    const stream = streamOf(["bir SON iki", "üç"], ["SON"]);
    expect(stream.push(0)).toBe("bir ");
    expect(stream.stopped).toBe(true);
    expect(stream.push(1)).toBe("");
    expect(stream.end()).toBe("");
  });

  it("finds a stop string that comes in pieces, and never sends its beginning", () => {
    expect(run(["bir <", "|im", "_end", "|> iki"], ["<|im_end|>"])).toEqual({
      deltas: ["bir ", "", "", "", ""],
      stopped: true,
    });
  });

  it("sends a held beginning after all when it turns out to be something else", () => {
    expect(run(["a", "<|", "im", "!"], ["<|im_end|>"]).deltas).toEqual(["a", "", "", "<|im!", ""]);
  });

  it("sends a held beginning when the model has ended", () => {
    const { deltas, stopped } = run(["son", "\nKul"], ["\nKullanıcı:"]);
    expect(deltas).toEqual(["son", "", "\nKul"]);
    expect(stopped).toBe(false);
  });

  it("ends at the first of several stop strings, whatever their order", () => {
    expect(run(["a B c D"], ["D", "B"]).deltas[0]).toBe("a ");
    expect(run(["a B c D"], ["B", "D"]).deltas[0]).toBe("a ");
  });

  it("stops inside a character-split stop string", () => {
    expect(run(["x", ...split("ş", [1]), "y"], ["ş"])).toEqual({ deltas: ["x", "", "", "", ""], stopped: true });
  });

  it("ignores empty stop strings", () => {
    expect(run(["a"], [""])).toEqual({ deltas: ["a", ""], stopped: false });
  });

  it("gives the same text however the bytes are cut into tokens", () => {
    const alphabet = [..."aşğİ€😀👩‍🚀 \n<|>"];
    const stops = ["<|>", "€€", "şa\n"];
    for (let seed = 1; seed <= 400; seed++) {
      const random = seededRandom(seed);
      const text = Array.from({ length: 30 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
      const bytes = Buffer.from(text);
      const pieces: Buffer[] = [];
      for (let from = 0; from < bytes.length; ) {
        const length = 1 + Math.floor(random() * 5);
        pieces.push(bytes.subarray(from, from + length));
        from += length;
      }
      const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
      const expected = ends.length === 0 ? text : text.slice(0, Math.min(...ends));
      expect(run(pieces, stops).deltas.join(""), `seed ${seed}`).toBe(expected);
    }
  });
});

import { describe, expect, it } from "vitest";
import { hashStart, hashStep } from "../../../services/routing/hash.ts";
import { createLinearRouter, RouterWeightsError } from "../../../services/routing/index.ts";
import { createStemReader, decodeStemVectors } from "../../../services/routing/stem-vectors.ts";
import { readTextCodes } from "../../../services/routing/text-codes.ts";
import { smallRecipe, smallStemFiles, trainSmall } from "./small-weights.ts";

const { header, bytes } = smallStemFiles();
const stems = decodeStemVectors(header, bytes);
/** So few texts teach the directions little at one quiet pass. */
const loud = { ...smallRecipe, fit: { ...smallRecipe.fit, loudness: 3, epochs: 20 } };

function directionOf(text: string, of = stems): number[] | undefined {
  const codes = new Uint16Array(5000);
  const out = new Float32Array(of.dimensions);
  return createStemReader(of).read(codes, readTextCodes(text, codes), out) ? [...out] : undefined;
}

describe("stem vectors", () => {
  it("give a text the direction of its stems, of length 1, each stem once and whatever its suffix", () => {
    const direction = directionOf("Buğdayları ektik") as number[];
    expect(direction[1]).toBeCloseTo(1, 6);
    expect(directionOf("BUĞDAY, buğdayın; bugdaylara!")).toEqual(direction);
    const mixed = directionOf("kredim buğday") as number[];
    expect(Math.hypot(...mixed)).toBeCloseTo(1, 6);
    expect(mixed[0]).toBeGreaterThan(0.5);
    expect(mixed[1]).toBeGreaterThan(0.5);
  });

  it.each([1, 4, 6, 96])("add up dimension by dimension, with %d of them", (dimensions) => {
    const words = ["kredi", "dava"];
    const hashOf = (word: string) => [...word].reduce((hash, of) => hashStep(hash, of.charCodeAt(0)), hashStart);
    const rows = Int8Array.from({ length: 2 * dimensions }, (_, at) => ((at * 37) % 200) - 90);
    const scale = Float32Array.of(0.5, 2);
    const two = { ...stems, dimensions, hashes: Int32Array.from(words, hashOf), scale, rows };
    const sums = Array.from({ length: dimensions }, (_, d) => 0.5 * (rows[d] ?? 0) + 2 * (rows[dimensions + d] ?? 0));
    const direction = directionOf("kredi, dava", two) as number[];
    direction.forEach((part, d) => {
      expect(part).toBeCloseTo((sums[d] as number) / Math.hypot(...sums), 6);
    });
  });

  it("say nothing of a text without a known stem", () => {
    for (const text of ["", "?", "b", "12345", "zürafa uçtu"]) expect(directionOf(text)).toBeUndefined();
  });

  it("reach a sector by words no training message had", () => {
    const { weights } = trainSmall(stems, loud);
    const share = (router: ReturnType<typeof createLinearRouter>) =>
      router.classify("mibzer").scores.find((score) => score.sector === "agriculture")?.confidence ?? 0;
    const near = share(createLinearRouter(weights));
    expect(near).toBeGreaterThan(share(createLinearRouter(trainSmall(undefined, loud).weights)));
    expect(createLinearRouter(weights).classify("mibzer").scores[0]?.sector).toBe("agriculture");
  });

  it("show as one reason where they say more than any n-gram", () => {
    const { weights } = trainSmall(stems, loud);
    const { why } = createLinearRouter(weights).classify("mibzer", { why: true });
    expect(why[0]?.feature).toBe("anlam yakınlığı");
    expect(why[0]?.weight).toBeGreaterThan(0);
  });

  const changed = (change: (header: Record<string, unknown>) => void) => {
    const other = JSON.parse(header) as Record<string, unknown>;
    change(other);
    return JSON.stringify(other);
  };
  const faults: Record<string, readonly [string, Uint8Array]> = {
    "a header that is not JSON": ["{", bytes],
    "another schema": [
      changed((of) => {
        of["schema"] = "sektor-stems-9";
      }),
      bytes,
    ],
    "more stems than there are": [
      changed((of) => {
        of["stems"] = 10;
      }),
      bytes,
    ],
    "a truncated file": [header, bytes.subarray(0, 50)],
    "a flipped bit": [header, bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))],
  };

  it.each(Object.entries(faults))("are refused by name: %s", (_, [text, content]) => {
    expect(() => decodeStemVectors(text, content)).toThrow(RouterWeightsError);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLinearRouter, encodeWeights, loadRouter, RouterWeightsError } from "../../../services/routing/index.ts";
import { decodeStemVectors } from "../../../services/routing/stem-vectors.ts";
import { smallSectors, smallStemFiles, trainSmall } from "./small-weights.ts";

const stemFiles = smallStemFiles();
const stems = decodeStemVectors(stemFiles.header, stemFiles.bytes);
const trained = trainSmall(stems);
const files = {
  ...encodeWeights(trained.weights),
  "stems.json": stemFiles.header,
  "stems.bin": stemFiles.bytes,
};

const parent = mkdtempSync(join(tmpdir(), "sektor-router-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function folderWith(change: (files: Record<string, string | Uint8Array | undefined>) => void): string {
  const folder = mkdtempSync(join(parent, "weights-"));
  const changed: Record<string, string | Uint8Array | undefined> = { ...files };
  change(changed);
  for (const [name, content] of Object.entries(changed))
    if (content !== undefined) writeFileSync(join(folder, name), content);
  return folder;
}

function withHeader(change: (header: Record<string, unknown>) => void) {
  return (changed: Record<string, string | Uint8Array | undefined>) => {
    const header = JSON.parse(files["router.json"]) as Record<string, unknown>;
    change(header);
    changed["router.json"] = JSON.stringify(header);
  };
}

describe("router weights", () => {
  it("route the same after a trip through their files", () => {
    const fromFiles = loadRouter(folderWith(() => {}));
    const direct = createLinearRouter(trained.weights);
    for (const text of ["kredi kartım", "tarlada traktör", "merhaba", "dava", ""]) {
      expect(fromFiles.classify(text, { why: true })).toEqual(direct.classify(text, { why: true }));
    }
    expect(fromFiles.sectors).toEqual(smallSectors);
  });

  it("come out byte for byte the same when trained twice on the same data", () => {
    const again = encodeWeights(trainSmall(stems).weights);
    expect(again["router.json"]).toBe(files["router.json"]);
    expect(Buffer.from(again["router.bin"]).equals(Buffer.from(files["router.bin"]))).toBe(true);
  });

  it("route without stem vectors when they were trained without", () => {
    const alone = trainSmall();
    const folder = mkdtempSync(join(parent, "alone-"));
    for (const [name, content] of Object.entries(encodeWeights(alone.weights)))
      writeFileSync(join(folder, name), content);
    const direct = createLinearRouter(alone.weights);
    for (const text of ["kredi kartım", "tarlada traktör", ""])
      expect(loadRouter(folder).classify(text)).toEqual(direct.classify(text));
  });

  it("of the first schema are refused with the line that writes new ones", () => {
    const old = folderWith(
      withHeader((header) => {
        header["schema"] = "sektor-router-1";
      }),
    );
    expect(() => loadRouter(old)).toThrow(/sektor-router-1.*npm run router:train/u);
  });

  it("keep a sector's own threshold when the settings name one", () => {
    const text = "kredi kartı borcum";
    expect(createLinearRouter(trained.weights).classify(text).sector).toBe("finance_banking");
    expect(createLinearRouter(trained.weights, { thresholds: { finance_banking: 1 } }).classify(text)).toMatchObject({
      sector: null,
      abstained: true,
    });
  });

  const faults: Record<string, string> = {
    "no files": mkdtempSync(join(parent, "none-")),
    "a header that is not JSON": folderWith((changed) => {
      changed["router.json"] = "{";
    }),
    "a header that is not an object": folderWith((changed) => {
      changed["router.json"] = "null";
    }),
    "another schema": folderWith(
      withHeader((header) => {
        header["schema"] = "sektor-router-99";
      }),
    ),
    "no stem vectors": folderWith((changed) => {
      changed["stems.json"] = undefined;
      changed["stems.bin"] = undefined;
    }),
    "half of the stem vectors' files": folderWith((changed) => {
      changed["stems.bin"] = undefined;
    }),
    "other stem vectors": folderWith(
      withHeader((header) => {
        header["stems"] = { sha256: "0".repeat(64), dimensions: 3, loudness: 0.5 };
      }),
    ),
    "classes without out_of_scope": folderWith(
      withHeader((header) => {
        header["classes"] = ["a", "b", "c", "d", "e"];
      }),
    ),
    "a temperature of zero": folderWith(
      withHeader((header) => {
        header["temperature"] = 0;
      }),
    ),
    "more rows than the table holds": folderWith(
      withHeader((header) => {
        header["rows"] = (header["rows"] as number) + 1;
      }),
    ),
    "a truncated table": folderWith((changed) => {
      changed["router.bin"] = files["router.bin"].subarray(0, 1000);
    }),
    "an empty table": folderWith((changed) => {
      changed["router.bin"] = new Uint8Array(0);
    }),
    "a table with one flipped bit": folderWith((changed) => {
      const flipped = Uint8Array.from(files["router.bin"]);
      flipped[5000] = (flipped[5000] as number) ^ 1;
      changed["router.bin"] = flipped;
    }),
  };

  it.each(Object.entries(faults))("are refused by name: %s", (_, folder) => {
    let failure: unknown;
    try {
      loadRouter(folder);
    } catch (thrown) {
      failure = thrown;
    }
    expect(failure).toBeInstanceOf(RouterWeightsError);
    expect(failure).toMatchObject({ code: "router_weights_invalid", status: 500 });
    expect((failure as Error).message).not.toContain(folder);
  });
});

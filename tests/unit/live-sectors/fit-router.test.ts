import { describe, expect, it } from "vitest";
import { readShippedData, withRunTimeSectors } from "../../../services/routing/live/fit-router.ts";
import type { RoutingData } from "../../../services/routing/training/index.ts";
import { loadSectors } from "../../../services/settings/index.ts";
import { examplesOf } from "./parts.ts";

const message = (text: string, sector: string) => ({ text, sector, kind: "easy" });
/** Two sectors of ninety messages, and some that belong nowhere. */
const data = {
  examples: [
    ...examplesOf("legal", 0, 90).map((text) => message(text, "legal")),
    ...examplesOf("energy", 0, 90).map((text) => message(text, "energy")),
    message("Köpeğim hasta", "out_of_scope"),
    message("bana fıkra anlat", "out_of_scope"),
  ],
} as unknown as RoutingData;
const textsOf = (of: RoutingData, wanted: string) =>
  of.examples.filter(({ sector }) => sector === wanted).map(({ text }) => text);

describe("training data with a run-time sector", () => {
  it("repeats its examples until they are as many as a shipped sector has", () => {
    const grown = withRunTimeSectors(data, [{ id: "vets", examples: examplesOf("vets") }]);
    expect(textsOf(grown, "vets")).toHaveLength(90);
    expect(new Set(textsOf(grown, "vets")).size).toBe(30);
    expect(textsOf(grown, "legal")).toHaveLength(90);
  });

  it("repeats nothing where there are enough", () => {
    const grown = withRunTimeSectors(data, [{ id: "vets", examples: examplesOf("vets", 0, 200) }]);
    expect(textsOf(grown, "vets")).toHaveLength(200);
  });

  it("calls a message out of scope no longer that is one of the examples now", () => {
    const examples = [...examplesOf("vets"), "KÖPEĞİM HASTA"];
    const grown = withRunTimeSectors(data, [{ id: "vets", examples }]);
    expect(textsOf(grown, "out_of_scope")).toEqual(["bana fıkra anlat"]);
    expect(textsOf(data, "out_of_scope")).toHaveLength(2);
  });
});

describe("the shipped training data", () => {
  it("with lines that cannot be used stops the training without showing them", () => {
    expect(() => readShippedData("datasets", ["legal"])).toThrow(
      expect.objectContaining({
        code: "router_training_failed",
        message: expect.stringMatching(/^The router could not be trained: \d+ lines of its data cannot be used\.$/),
      }),
    );
  });

  it("is missed by name", () => {
    const missing = (folder: string, sectors: readonly string[]) => () => readShippedData(folder, sectors);
    expect(missing("tests/no-such-folder", ["legal"])).toThrow(
      expect.objectContaining({ code: "router_data_missing" }),
    );
    const all = loadSectors("configs/sectors.yaml").all.map(({ id }) => id);
    expect(missing("datasets", [...all, "astronomy"])).toThrow(
      expect.objectContaining({ code: "router_data_missing", message: expect.stringContaining("astronomy") }),
    );
  });
});

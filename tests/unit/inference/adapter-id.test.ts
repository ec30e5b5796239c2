import { describe, expect, it } from "vitest";
import { adapterIdOf, compareVersionsDescending, parseAdapterId } from "../../../services/inference/index.ts";

describe("adapter ids", () => {
  it("are name@version, both ways", () => {
    expect(adapterIdOf({ name: "legal", version: "2" })).toBe("legal@2");
    expect(parseAdapterId("legal@2")).toEqual({ name: "legal", version: "2" });
  });

  it("without a version leave it open", () => {
    expect(parseAdapterId("legal")).toEqual({ name: "legal", version: undefined });
    expect(parseAdapterId("@2")).toEqual({ name: "@2", version: undefined });
  });

  it("split at the last @", () => {
    expect(parseAdapterId("a@b@1.2")).toEqual({ name: "a@b", version: "1.2" });
  });

  it("sort by version, newest first, numbers as numbers", () => {
    expect(["2", "10", "1.9", "1.10"].sort(compareVersionsDescending)).toEqual(["10", "2", "1.10", "1.9"]);
  });
});

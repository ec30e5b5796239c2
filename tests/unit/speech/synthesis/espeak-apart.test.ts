import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

it("leaves espeak-ng, which is under the GPL, to its own process and to those who install it", () => {
  const sources = readdirSync("services", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const naming = sources.filter((path) =>
    readFileSync(join("services", path), "utf8").includes("espeak-ng-emscripten"),
  );
  expect(naming).toEqual([join("speech", "synthesis", "espeak", "espeak-process.ts")]);
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  expect(Object.keys(manifest.optionalDependencies)).toContain("@echogarden/espeak-ng-emscripten");
  expect(Object.keys(manifest.dependencies).filter((name) => name.includes("espeak"))).toEqual([]);
});

it("imports the process of espeak-ng nowhere: it is started", () => {
  const sources = readdirSync("services", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  for (const path of sources) {
    expect(readFileSync(join("services", path), "utf8"), path).not.toMatch(/(from|import\()\s*"[^"]*espeak-process/);
  }
});

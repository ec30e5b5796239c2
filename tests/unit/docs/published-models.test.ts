import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const files = ["models/base", "models/adapters"].flatMap((folder) =>
  readdirSync(folder).map((file) => `${folder}/${file}`),
);

it("published weights carry no path of the machine they were made on", () => {
  const telling = files.filter((file) =>
    /\/(tmp|home|root|work)\//.test(readFileSync(file).subarray(0, 65_536).toString("latin1")),
  );
  expect(files).toHaveLength(23);
  expect(telling).toEqual([]);
});

it("the manifest names the bytes that are there", () => {
  const { base, adapters } = JSON.parse(readFileSync("models/manifest.json", "utf8"));
  const named = new Set([base, ...adapters].map(({ sha256 }) => sha256));
  for (const file of files) expect(named).toContain(createHash("sha256").update(readFileSync(file)).digest("hex"));
});

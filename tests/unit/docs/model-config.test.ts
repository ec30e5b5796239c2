import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadSectors } from "../../../services/settings/index.ts";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const config = read("configs/model_config.json");

it("the model's description gives the evaluation's own figures", () => {
  const { ownSector: _table, ...summary } = read("docs/eval/perplexity-matrix.json").summary;
  expect(config.performance.adapters.summary).toEqual(summary);
});

it("the model's description has the shape and licence that the manifest has", () => {
  const { id, licence, quantisation, shape } = read("models/manifest.json").base;
  expect(config.name).toBe(id);
  expect(config.licence.weights).toBe(licence);
  expect(config.architecture).toMatchObject({
    vocabulary: shape.vocabulary,
    width: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    feed_forward: shape.feed_forward,
    context_length: shape.context,
    quantization: quantisation,
  });
});

it("the model's description lists the sectors of configs/sectors.yaml", () => {
  const { all } = loadSectors("configs/sectors.yaml");
  expect(config.sectors).toEqual(all.map(({ id, name }) => ({ id, name })));
});

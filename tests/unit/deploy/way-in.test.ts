import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { requireWayIn } from "../../../scripts/deploy/local/way-in.ts";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sektor-way-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

it("says which folder keeps Postgres' user out, and what to do", () => {
  chmodSync(parent, 0o700);
  expect(() => requireWayIn(join(parent, "not", "there yet"))).toThrow(`chmod o+x ${parent}`);
});

it("is content where every folder lets others through", () => {
  chmodSync(parent, 0o711);
  expect(() => requireWayIn(join(parent, "not", "there yet"))).not.toThrow();
});

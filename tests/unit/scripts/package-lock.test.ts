import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const text = readFileSync("package-lock.json", "utf8");
const { packages } = JSON.parse(text) as {
  packages: Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>;
};

it("the lock names the optional packages of every platform, without which npm ci refuses it (scripts/complete-lock.ts adds them)", () => {
  const wanted = Object.values(packages).flatMap((entry) => Object.entries(entry.optionalDependencies ?? {}));
  const missing = wanted.filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in packages));
  expect(missing).toEqual([]);
});

it("the lock is in step with package.json", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, unknown>;
  const { dependencies, devDependencies } = packages[""] as Record<string, unknown>;
  expect({ dependencies, devDependencies }).toEqual({
    dependencies: manifest["dependencies"],
    devDependencies: manifest["devDependencies"],
  });
});

it("the lock names no registry: each machine asks its own", () => {
  expect(text).not.toContain('"resolved"');
});

#!/usr/bin/env node
// `npx sektor …`: the compiled program where `npm run build` has made one, otherwise the TypeScript source through tsx.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/services/main/cli.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  const { register } = await import("tsx/esm/api");
  // Our own tsconfig, whatever folder the command is called from.
  register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
  await import("../services/main/cli.ts");
}

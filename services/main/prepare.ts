/** prepare: makes beforehand what every first start needs; `npm ci` runs it. A start does without it, and takes longer. */
import { makeTemplate } from "../storage/pglite/template.ts";

try {
  await makeTemplate();
} catch (failure) {
  process.stderr.write(`sektor: nothing was prepared, the first start will take longer: ${String(failure)}\n`);
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { describeFeedbackStore } from "../../conformance/feedback-store.conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-feedback-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeFeedbackStore("Feedback in the embedded database", () => openPgliteDatabase({ folder: join(folder, "data") }));

import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { withTimeout } from "../../../services/foundation/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("keeps its limit when garbage is collected in the meantime", async () => {
  const limited = withTimeout(200, new AbortController().signal);
  const fired = once(limited, "abort");
  for (let time = 0; time < 3; time++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  await fired;
  expect(limited.reason).toMatchObject({ name: "TimeoutError" });
});

import { HubApiError } from "@huggingface/hub";
import { UploadRefused } from "./upload-refused.ts";

/** `work`, with the hub's refusals in its own words. Query strings are left out: they hold signatures. */
export async function inHubWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (fault) {
    if (fault instanceof HubApiError)
      throw new UploadRefused(`The hub answered ${fault.statusCode}: ${fault.message.replace(/\?\S*/g, "?…")}`);
    const { code } = ((fault as Error).cause ?? {}) as { readonly code?: unknown };
    if (fault instanceof TypeError && typeof code === "string")
      throw new UploadRefused(`The hub cannot be reached (${code}).`);
    throw fault;
  }
}

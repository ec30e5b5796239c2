import { AdapterNotFoundError, AdapterRejectedError, UnsupportedFeatureError } from "../../inference/index.ts";
import { speakable } from "../refusal.ts";
import { RefusedCall } from "../refusal-facts.ts";

/** For `catch`: what a refused load means. The systems answer 400, 404 or 500 when they cannot read an adapter. */
export function loadRefused(name: string): (failure: unknown) => never {
  return (failure) => {
    if (!(failure instanceof RefusedCall)) throw failure;
    const { status, understood, message } = failure.facts;
    if (!understood) throw status === 404 ? new UnsupportedFeatureError("Loading adapters", "lora_name") : failure;
    if (status === 401 || status === 403 || status > 500) throw failure;
    if (status === 404 || /no adapter found|no such file|not found/i.test(message))
      throw new AdapterRejectedError(name, "not_found", "the engine cannot find it");
    throw new AdapterRejectedError(name, "refused_by_engine", speakable(message));
  };
}

/** For `catch`: what a refused unload means. */
export function unloadRefused(name: string): (failure: unknown) => never {
  return (failure) => {
    if (!(failure instanceof RefusedCall)) throw failure;
    const { status, understood, message } = failure.facts;
    if (!understood && status === 404) throw new UnsupportedFeatureError("Unloading adapters", "lora_name");
    if (status === 404 || (status === 400 && /does not exist|not found|cannot be found|not loaded/i.test(message)))
      throw new AdapterNotFoundError(name);
    throw failure;
  };
}

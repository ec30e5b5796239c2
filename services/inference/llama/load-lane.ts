import { AdapterRejectedError } from "../errors.ts";
import { Lane } from "./lane.ts";
import type { ContextOptions, NativeModel } from "./llama-bindings.ts";
import { type MakeRoom, withRoomMade } from "./make-room.ts";

/** What all lanes of an engine have in common. */
export type LaneLayout = Omit<ContextOptions, "embeddings" | "lora">;

/** Adapter id of the lane that answers with the base model alone. */
export const baseLane = "";

type LaneModel = Pick<NativeModel, "createContext" | "loadLora">;

/** @throws {EngineMemoryError} not even the base's context fits beside the model */
export async function loadBaseLane(model: LaneModel, layout: LaneLayout): Promise<Lane> {
  return new Lane(baseLane, await model.createContext(layout), undefined, layout.sequences);
}

/**
 * An adapter's weights and a context bound to them; nothing of either stays behind when it fails.
 * @param makeRoom asked once, where there is no memory for the context
 * @throws {AdapterRejectedError} the weights do not fit the base
 * @throws {EngineMemoryError} there is no memory for the context, and none could be made
 */
export async function loadAdapterLane(
  model: LaneModel,
  layout: LaneLayout,
  { id, path }: { readonly id: string; readonly path: string },
  makeRoom: MakeRoom,
): Promise<Lane> {
  const lora = await model.loadLora(path).catch((cause: unknown) => {
    throw new AdapterRejectedError(id, "refused_by_engine", "its weights do not fit the base model", cause);
  });
  try {
    const context = await withRoomMade(makeRoom, () => model.createContext({ ...layout, lora }));
    return new Lane(id, context, lora, layout.sequences);
  } catch (failure) {
    await lora.dispose();
    throw failure;
  }
}

import { EngineMemoryError } from "../errors.ts";

/** Gives memory back that nobody uses now. False: there is none. */
export type MakeRoom = () => Promise<boolean>;

/** What `take` takes of the memory; where there is too little, once again after room was made. */
export async function withRoomMade<T>(makeRoom: MakeRoom, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (failure) {
    if (!(failure instanceof EngineMemoryError) || !(await makeRoom())) throw failure;
    return await take();
  }
}

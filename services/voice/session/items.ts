import type { ConversationItem, NewItem } from "../events/index.ts";
import { ItemExistsError, ItemNotFoundError, ItemNotTruncatableError } from "./errors.ts";
import { heardText, type SpokenSegment } from "./heard-text.ts";
import { textLength } from "./item-text.ts";

/** The conversation's items in their order; what it holds is what the client has been told. */
export interface Items {
  readonly all: readonly ConversationItem[];
  /** Id of the last one. */
  readonly lastId: string | null;
  /**
   * @param after id of the item before it; `root`: at the head; undefined: at the end
   * @throws {ItemExistsError} @throws {ItemNotFoundError}
   */
  add(item: NewItem, after?: string): { readonly item: ConversationItem; readonly previousId: string | null };
  has(id: string): boolean;
  /** @throws {ItemNotFoundError} */
  get(id: string): ConversationItem;
  previousIdOf(id: string): string | null;
  /** In its place; nothing happens where it was deleted meanwhile. */
  replace(item: ConversationItem): void;
  /** What an item of ours sounds like, so that it can be truncated. */
  spoke(id: string, segments: readonly SpokenSegment[]): void;
  /**
   * Keeps of an item of ours what was heard of it. @returns that text
   * @throws {ItemNotFoundError} @throws {ItemNotTruncatableError}
   */
  truncate(id: string, audioEndMs: number): string;
  /** @throws {ItemNotFoundError} */
  delete(id: string): void;
}

/** Beyond this many, or so much text of them, UTF-16 units, older ones are forgotten; turns are in the stored conversation. */
const mostItems = 1000;
const mostCharacters = 1_000_000;

export function createItems(newId: () => string): Items {
  const all: ConversationItem[] = [];
  const sounds = new Map<string, readonly SpokenSegment[]>();
  let characters = 0;

  const indexOf = (id: string, param?: string): number => {
    const at = all.findIndex((item) => item.id === id);
    if (at < 0) throw new ItemNotFoundError(id, param);
    return at;
  };
  const drop = (at: number): void => {
    for (const item of all.splice(at, 1)) {
      characters -= textLength(item);
      sounds.delete(item.id);
    }
  };
  /** @param newest stays, wherever it was put and however much it is */
  const forgetOldest = (newest: ConversationItem): void => {
    while (all.length > 1 && (all.length > mostItems || characters > mostCharacters)) drop(all[0] === newest ? 1 : 0);
  };
  const previousAt = (at: number): string | null => all[at - 1]?.id ?? null;
  const items: Items = {
    all,
    get lastId() {
      return all.at(-1)?.id ?? null;
    },
    add: (fresh, after) => {
      const id = fresh.id ?? newId();
      if (items.has(id)) throw new ItemExistsError(id);
      const at = after === undefined ? all.length : after === "root" ? 0 : indexOf(after, "previous_item_id") + 1;
      const item = { ...fresh, id, object: "realtime.item", status: fresh.status ?? "completed" } as const;
      all.splice(at, 0, item);
      characters += textLength(item);
      const previousId = previousAt(at);
      forgetOldest(item);
      return { item, previousId };
    },
    has: (id) => all.some((item) => item.id === id),
    get: (id) => all[indexOf(id)] as ConversationItem,
    previousIdOf: (id) => previousAt(indexOf(id)),
    replace: (item) => {
      const at = all.findIndex(({ id }) => id === item.id);
      const before = all[at];
      if (before === undefined) return;
      characters += textLength(item) - textLength(before);
      all[at] = item;
      forgetOldest(item);
    },
    spoke: (id, segments) => {
      if (items.has(id)) sounds.set(id, segments);
    },
    truncate: (id, audioEndMs) => {
      const item = items.get(id);
      const segments = sounds.get(id);
      if (segments === undefined || item.type !== "message" || item.role !== "assistant")
        throw new ItemNotTruncatableError(id, undefined);
      const audioMs = segments.reduce((sum, segment) => sum + segment.audioMs, 0);
      // A client's clock may be a frame ahead of our rounding.
      if (audioEndMs > Math.ceil(audioMs)) throw new ItemNotTruncatableError(id, Math.round(audioMs));
      const { heard } = heardText(segments, audioEndMs);
      items.replace({ ...item, status: "incomplete", content: [{ type: "output_audio", transcript: heard }] });
      return heard;
    },
    delete: (id) => {
      drop(indexOf(id));
    },
  };
  return items;
}

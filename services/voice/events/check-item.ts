import type { TObject } from "typebox";
import { InvalidRequestError } from "../../foundation/index.ts";
import type { ItemReference } from "./client-events.ts";
import { fieldFault, requireShape } from "./field-faults.ts";
import {
  type ContentType,
  contentOfRole,
  contentShapes,
  FunctionCallOutputShape,
  FunctionCallShape,
  MessageShape,
  type NewItem,
} from "./items.ts";

type Tree = Readonly<Record<string, unknown>>;

const shapes: Readonly<Record<string, TObject>> = {
  message: MessageShape,
  function_call: FunctionCallShape,
  function_call_output: FunctionCallOutputShape,
};

/**
 * An item of a conversation as a client made it; fields we do not know are left out, for items are kept.
 * @param param where it stands in the event, such as `item`
 * @throws {InvalidRequestError}
 */
export function checkedItem(item: Tree, param: string): NewItem {
  const type = String(item["type"]);
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (shape === undefined) throw fieldFault(`${param}.type`, `must be one of ${Object.keys(shapes).join(", ")}`);
  requireShape(shape, item, param);
  const known = knownFields(shape, item);
  if (type !== "message") return known as unknown as NewItem;
  const { role, content } = item as { readonly role: keyof typeof contentOfRole; readonly content: readonly Tree[] };
  const parts = content.map((part, index) => checkedContent(part, contentOfRole[role], `${param}.content.${index}`));
  return { ...known, content: parts } as unknown as NewItem;
}

/** An item, or the name of one that the conversation holds. @throws {InvalidRequestError} */
export function checkedItemOrReference(item: Tree, param: string): NewItem | ItemReference {
  if (item["type"] !== "item_reference") return checkedItem(item, param);
  const id = item["id"];
  if (typeof id !== "string" || id === "") throw fieldFault(`${param}.id`, "must be string");
  return { type: "item_reference", id };
}

function checkedContent(part: Tree, allowed: readonly ContentType[], param: string): Tree {
  const type = allowed.find((one) => one === part["type"]);
  if (type === undefined) {
    throw new InvalidRequestError(`${param}.type: must be one of ${allowed.join(", ")}`, {
      param: `${param}.type`,
      code: "unsupported_content",
      messageTr: `"${param}.type" şunlardan biri olmalı: ${allowed.join(", ")}`,
    });
  }
  requireShape(contentShapes[type], part, param);
  return knownFields(contentShapes[type], part);
}

function knownFields({ properties }: TObject, value: Tree): Tree {
  return Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(properties, name)));
}

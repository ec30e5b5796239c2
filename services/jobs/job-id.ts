import { contracts, type JobName } from "./contracts.ts";

/** A job's own part of its id; schedules make ids with colons. */
const ownPart = /^[A-Za-z0-9_:-]{1,160}$/;
/** What callers may choose: the queue takes digits alone for numbers of its own. */
const chosen = /^(?!\d+$)[A-Za-z0-9_-]{1,128}$/;

export function jobIdOf(name: JobName, own: string): string {
  return `${name}.${own}`;
}

/** @returns undefined: no job can have this id */
export function partsOf(id: string): { readonly name: JobName; readonly own: string } | undefined {
  const dot = id.indexOf(".");
  const [name, own] = [id.slice(0, dot), id.slice(dot + 1)];
  return dot > 0 && Object.hasOwn(contracts, name) && ownPart.test(own) ? { name: name as JobName, own } : undefined;
}

export function isChosenId(own: string): boolean {
  return chosen.test(own);
}

/** What this tab remembers while it is open. A browser that forbids storage merely forgets. */
export function remember(name, value) {
  try {
    if (value === "") sessionStorage.removeItem(`sektor.${name}`);
    else sessionStorage.setItem(`sektor.${name}`, value);
  } catch {}
}

/** @returns {string} "" when nothing is remembered */
export function recall(name) {
  try {
    return sessionStorage.getItem(`sektor.${name}`) ?? "";
  } catch {
    return "";
  }
}

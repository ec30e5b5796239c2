/** Puts the words of one language into every element that names its own: `data-text`, `data-label`, `data-placeholder`. */
export function showPageWords(words, language) {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = words[node.dataset.text];
  for (const node of document.querySelectorAll("[data-label]"))
    node.setAttribute("aria-label", words[node.dataset.label]);
  for (const node of document.querySelectorAll("[data-placeholder]"))
    node.placeholder = words[node.dataset.placeholder];
}

/** The button that leads to the other language. */
export function showLanguageSwitch(button, { label, describe, language }) {
  button.textContent = label;
  button.lang = language;
  button.setAttribute("aria-label", describe);
}

/** Fills a choice of sectors by name, behind its first option, and keeps what was chosen. */
export function showSectors(select, sectors, language) {
  const chosen = select.value;
  const [automatic] = select.options;
  const names = [...sectors].sort((a, b) => a.name[language].localeCompare(b.name[language], language));
  select.replaceChildren(automatic, ...names.map(({ id, name }) => new Option(name[language], id)));
  select.value = chosen;
}

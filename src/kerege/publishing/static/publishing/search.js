// Search among the figures and pages of the site: beginnings of words, so that endings do not matter. No network but the
// one file of the language, which is read when somebody begins to write.
const LETTERS = { ё: "е", ә: "а", ғ: "г", қ: "к", ң: "н", ө: "о", ұ: "у", ү: "у", і: "и", һ: "х" };
const SHORTEST = 3, SHARE = 0.6, MOST = 12;
export const fold = (text) => text.toLowerCase().replace(/[ёәғқңөұүіһ]/g, (letter) => LETTERS[letter]);
const words = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
const common = (one, two) => {
  let length = 0;
  while (length < one.length && one[length] === two[length]) length += 1;
  return length;
};
// how well a word begins like the one that was written, from 0 to 1
const likeness = (written, word) => {
  const length = common(written, word);
  return length >= Math.max(SHORTEST, Math.ceil(written.length * SHARE)) ? length / written.length : 0;
};
export const find = (entries, query) => {
  const written = words(query).filter((word) => word.length >= SHORTEST);
  if (!written.length) return [];
  const scored = entries.map((entry) => {
    const name = words(entry.name), all = [...name, ...words(`${entry.words} ${entry.finding}`)];
    const best = (among) => written.map((word) => Math.max(0, ...among.map((other) => likeness(word, other))));
    const scores = best(all);
    return { entry, score: Math.min(...scores) ? scores.concat(best(name)).reduce((sum, score) => sum + score, 0) : 0 };
  });
  return scored.filter(({ score }) => score).sort((one, two) => two.score - one.score).slice(0, MOST).map(({ entry }) => entry);
};
const start = (place) => {
  const label = document.createElement("label"), field = document.createElement("input");
  const list = document.createElement("ul"), said = document.createElement("p");
  let entries;
  field.type = "search";
  field.autocomplete = "off";
  label.append(place.dataset.label, field);
  said.setAttribute("role", "status");
  place.append(label, said, list);
  field.addEventListener("input", async () => {
    entries ??= fetch(place.dataset.search).then((answer) => answer.json());
    const found = find((await entries).entries, field.value);
    list.replaceChildren(...found.map((entry) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = entry.address;
      link.textContent = entry.name;
      item.append(link, entry.finding ? ` – ${entry.finding}` : "");
      return item;
    }));
    said.textContent = fold(field.value).trim().length >= SHORTEST && !found.length ? place.dataset.none : "";
  });
};
const place = globalThis.document?.querySelector("[data-search]");
if (place) start(place);

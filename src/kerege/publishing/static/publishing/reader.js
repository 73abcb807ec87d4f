// Reading the marks of a chart by arrow keys and pointer, copying a citation, leaving without a way back.
const cellOf = (mark) => {
  const [series, ...period] = mark.dataset.mark.split(" ");
  const code = (part) => (part === "_T" ? "total" : part.replace(/>/g, "-"));
  return document.getElementById(`v-${code(period.join(" "))}-${code(series)}`);
};
const wordsOf = (mark) => {
  const cell = cellOf(mark);
  if (!cell) return mark.querySelector("title")?.textContent ?? "";
  const heads = cell.closest("table").tHead.rows[0].cells;
  return `${heads[cell.cellIndex].textContent}, ${cell.parentNode.cells[0].textContent}: ${cell.textContent.trim()}`;
};
for (const chart of document.querySelectorAll("[data-reader]")) {
  const line = chart.querySelector(".reading");
  const marks = () => [...chart.querySelectorAll("[data-mark]")].filter((mark) => mark.getClientRects().length);
  let at = -1;
  const read = (place) => {
    const all = marks();
    if (!all.length) return;
    chart.querySelector(".at")?.classList.remove("at");
    at = Math.max(0, Math.min(all.length - 1, place));
    all[at].classList.add("at");
    line.textContent = wordsOf(all[at]);
  };
  chart.tabIndex = 0;
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", chart.querySelector("svg title")?.textContent ?? "");
  chart.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks().length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    read(steps[event.key]);
  });
  chart.addEventListener("pointerover", (event) => {
    const mark = event.target.closest("[data-mark]");
    if (mark) read(marks().indexOf(mark));
  });
}
for (const cite of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = cite.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(cite.firstChild.textContent.trim());
    button.textContent = cite.dataset.copied;
  });
  cite.append(button);
}
document.querySelector(".exit")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  location.replace(event.currentTarget.href);
});
// a link to a number opens the table that holds it
const show = () => {
  const cell = location.hash.startsWith("#v-") && document.getElementById(location.hash.slice(1));
  if (!cell) return;
  document.getElementById("view-table").checked = true;
  cell.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", show);
show();

// The little behaviour of our own: components start, names hide, pages print. Everything works without it.
const root = document.documentElement;

async function startComponents() {
  const addresses = [root.dataset.govuk];
  if (document.querySelector('[data-module^="moj-"]')) addresses.push(root.dataset.moj);
  for (const address of addresses.filter(Boolean)) {
    const library = await import(address);
    library.initAll();
  }
}

function showState(button) {
  const hidden = root.classList.contains("kg-names-hidden");
  button.setAttribute("aria-pressed", String(hidden));
}

function toggleNames(button) {
  const hidden = root.classList.toggle("kg-names-hidden");
  // the field in which one types shows its words: leave it, so that it hides them too
  if (hidden && document.activeElement !== button) document.activeElement?.blur();
  try { sessionStorage.setItem("kerege-hide-names", hidden ? "1" : "0"); } catch (_) { /* the choice lasts for this page */ }
  showState(button);
}

function startHidingNames() {
  const button = document.querySelector("[data-kg-hide-names]");
  if (!button) return;
  button.hidden = false;
  showState(button);
  button.addEventListener("click", () => toggleNames(button));
  // A function key is no character key, so it disturbs neither typing nor speech input.
  document.addEventListener("keydown", (event) => {
    if (event.key === "F2") { event.preventDefault(); toggleNames(button); }
  });
}

function startPrinting() {
  for (const button of document.querySelectorAll("[data-kg-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// A select or checkbox that filters a list may send its form at once.
function startFilters() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-kg-submit]")) event.target.form.requestSubmit();
  });
}

// Pages of staff keep what is typed, and watch the session.
function startTyping() {
  if ("kgSession" in document.body.dataset) import("./typing.js");
}

startHidingNames();
startTyping();
startPrinting();
startFilters();
startComponents();

// Runs before the page is painted: marks the browser as able to run scripts and hides names when the reader asked for it.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
try {
  if (sessionStorage.getItem("kerege-hide-names") === "1") document.documentElement.classList.add("kg-names-hidden");
} catch (_) { /* storage may be forbidden; names are then shown */ }

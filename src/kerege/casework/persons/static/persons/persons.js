// Answering a pair without a mouse. Function keys are not character keys: they disturb neither typing nor speech input.
(() => {
  const form = document.querySelector("[data-kp-keys]");
  if (!form) return;
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
    const choice = event.ctrlKey ? null : form.querySelector(`[data-kp-key="${CSS.escape(event.key)}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    form.querySelector("textarea").focus();
  });
})();

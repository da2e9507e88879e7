// What the pages do beside following links: choices that take effect at once, and keys for those who use no mouse.

/** Whether keys are being typed into something. */
const isTyping = (target) => target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;

for (const button of document.querySelectorAll(".needless")) button.hidden = true;

document.addEventListener("change", (event) => {
  if (event.target instanceof Element && event.target.matches("[data-submits]")) event.target.closest("form").requestSubmit();
});

/** Move the focus among the rows of the first list, as j and k do in many programs. */
function step(by) {
  const links = [...document.querySelectorAll("main .what, main [data-row]")];
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search === null) return;
    event.preventDefault();
    search.focus();
  } else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
});

// A page that nobody sees asks for nothing.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});

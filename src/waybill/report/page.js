// Remembers the choice of language and colours in the address, says the language to assistive software, opens lists.
const root = document.documentElement;
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  const input = document.getElementById(`${name}-${value}`);
  if (input instanceof HTMLInputElement && input.name === name) input.checked = true;
}

function speak() {
  root.lang = chosen("lang") === "zh" ? "zh-Hans" : "en";
  document.title = document.querySelector(`h1 [lang="${root.lang}"]`).textContent;
}

document.addEventListener("change", () => {
  speak();
  history.replaceState(null, "", `#lang=${chosen("lang")}&theme=${chosen("theme")}`);
});
speak();

const opener = document.getElementById("open-all");
opener.hidden = false;
opener.addEventListener("click", () => {
  for (const list of document.querySelectorAll("details")) list.open = true;
});

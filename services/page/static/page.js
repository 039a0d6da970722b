// Small islands: questions before a switch, the look. Everything else is htmx.
const root = document.documentElement;

// A question that is filled from the backend begins empty each time: no figure of before is shown, nor its button.
function ask(dialog) {
  if (dialog.dataset.anew) dialog.firstElementChild.replaceChildren(document.getElementById(dialog.dataset.anew).content.cloneNode(true));
  dialog.showModal();
}
document.addEventListener("htmx:after:swap", () => document.querySelector("dialog[data-anew][open] [autofocus]")?.focus());

// A screen asks for itself again and again; where nobody answers, it says since when it is old.
const lost = document.getElementById("lost");
let heard = Date.now();
document.addEventListener("htmx:after:request", () => ((heard = Date.now()), (lost.hidden = true)));
document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx) return;
  lost.textContent = lost.dataset.said.replace("{at}", new Date(heard + 32400000).toISOString().slice(11, 16));
  lost.hidden = false;
});

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-open]");
  if (opens) ask(document.getElementById(opens.dataset.open));
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.name === "theme" || field.name === "colours") {
    localStorage.setItem(field.name, field.value);
    root.dataset[field.name] = field.value;
    dispatchEvent(new Event("repaint"));
  }
  if (field.name === "language") {
    document.cookie = `language=${field.value}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }
});

for (const name of ["theme", "colours"])
  for (const field of document.querySelectorAll(`input[name=${name}]`))
    field.checked = field.value === (root.dataset[name] || { theme: "system", colours: "korea" }[name]);

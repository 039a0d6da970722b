// The reader's look, before the first paint: what he chose stands in his browser alone.
for (const name of ["theme", "colours"]) {
  const chosen = localStorage.getItem(name);
  if (chosen) document.documentElement.dataset[name] = chosen;
}

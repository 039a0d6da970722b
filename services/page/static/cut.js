// An hour's chart, cut at its moment. What came after is fetched only when it is asked for.
import { Candles } from "./candles.js";

const cut = document.getElementById("cut"), box = cut?.firstElementChild;
if (cut) {
  const candles = new Candles(box.firstElementChild, { withGate: false });
  const draw = (data) => candles.show(data);
  draw(JSON.parse(box.dataset.drawn));
  document.addEventListener("htmx:after:swap", () => {
    const later = document.getElementById("later");
    if (!later || cut.classList.contains("all")) return;
    cut.classList.add("all");
    cut.querySelector(".veil").remove();
    draw(JSON.parse(later.dataset.drawn));
    later.tabIndex = -1;
    later.focus();
  });
  addEventListener("resize", () => draw(candles.data));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => candles.dress());
}

// Lines over time by uPlot: the numbers stand in the element's data, their twin is a table. Drawn anew for a theme or a size.
const tokens = document.body.appendChild(document.createElement("i"));
const colour = (name) => ((tokens.style.color = `var(--${name})`), getComputedStyle(tokens).color);
const numbers = (text) => text.trim().split(/\s+/).map(Number);
const seoul = (at) => new Date((at + 32400) * 1000).toISOString().slice(5, 16).replace("T", " ");
// A day where it begins, the hour within it: no label stands there twice.
const dayOrHour = (at, n, all) => {
  const [day, hour] = seoul(at).split(" ");
  return n && seoul(all[n - 1]).startsWith(day) ? hour : day;
};
const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumSignificantDigits: 5 });
const short = (won) => compact.format(won);
const drawn = new Map();

function draw(box) {
  drawn.get(box)?.destroy();
  const { at, bot, hold, botName, holdName } = box.dataset;
  const sub = colour("sub"), font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: sub, font, ticks: { show: false } };
  const lines = [[numbers(bot), botName, { stroke: colour("ink"), width: 2.5 }]];
  if (hold) lines.push([numbers(hold), holdName, { stroke: sub, width: 1.5, dash: [5, 4] }]);
  const told = document.getElementById(`${box.id.replace("-line", "")}-at`);
  drawn.set(box, new uPlot({
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Seoul"), // else days would begin at the machine's midnight
    width: box.clientWidth, height: box.clientHeight, legend: { show: false }, cursor: { y: false }, padding: [12, 0, 0, 18],
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 28, values: (_, splits) => splits.map(dayOrHour) },
      { ...axis, grid: { stroke: colour("line"), width: 1 }, side: 1, size: 62, values: (_, splits) => splits.map(short) },
    ],
    series: [{}, ...lines.map(([, , look]) => ({ ...look, points: { show: false } }))],
    hooks: { setCursor: [({ cursor: { idx }, data: [x] }) => {
      if (idx != null) told.textContent = `${seoul(x[idx])} · ` + lines.map(([values, name]) => `${name} ${short(values[idx])}`).join(" · ");
    }] },
  }, [numbers(at), ...lines.map(([values]) => values)], box));
}

function paint() {
  for (const box of drawn.keys()) if (!box.isConnected) drawn.get(box).destroy(), drawn.delete(box);
  document.querySelectorAll(".plot[data-at]").forEach(draw);
}
for (const event of ["repaint", "resize"]) addEventListener(event, paint);
document.addEventListener("htmx:after:swap", paint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
paint();

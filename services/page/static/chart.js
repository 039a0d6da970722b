// The chart's screen: data come by themselves for a market and a range; a cursor goes through the candles by touch and keys.
import { Candles, quoted, seoul } from "./candles.js";
import { gravest, valueAt } from "./cells.js";

const $ = (id) => document.getElementById(id);
const box = $("candles"), form = $("ranges"), words = JSON.parse(box.dataset.words), REST_MS = 3000;
const filled = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
const chosen = () => new URLSearchParams(new FormData(form));
const candles = new Candles(box.firstElementChild, { onMove: tell, onTap: tap });
let at = null, asked = 0, resting = null;

function tap(index, mark) {
  if (mark?.cycle) return location.assign(`/hour/${mark.cycle}`);
  const traded = mark?.side && candles.cells[mark.index].marks.find(({ kind }) => kind === mark.side);
  if (traded) return location.assign(`/hour/${traded.cycle}`);
  tell(index);
}

/** What was done in a cell, as text: the trades first, then the hour that stands for it. */
function told(cell) {
  const mark = gravest(cell), rest = cell.marks.length - 1;
  const said = cell.fills.map((fill) => `${words[fill.side]} ${fill.said}`);
  if (mark && !(said.length && (mark.kind === "buy" || mark.kind === "sell"))) said.push(words[mark.kind] + (mark.why ? `: ${mark.why}` : ""));
  else if (mark?.why) said.push(mark.why);
  if (rest > 0) said.push(filled(words.and_more, { n: rest }));
  return said.map((text) => text.replace(/\.$/, "")).join(". ") || words.not_told;
}

/** The gate's figure beside its threshold, as it stood at the end of a cell. */
function gateAt(cell) {
  const row = valueAt(candles.data.gate, cell.t + candles.each * 3600), share = (value) => (value === null ? "–" : (value * 100).toFixed(1));
  return row ? filled(words.gate_then, { figure: share(row[1]), limit: share(row[2]) }) : "";
}

function tell(index) {
  if (index === at || index === null) return;
  at = index;
  const cell = candles.cells[index], mark = gravest(cell), bar = cell.bar;
  $("cursor-at").textContent = seoul(cell.t);
  $("cursor-what").textContent = told(cell);
  $("cursor-ohlc").textContent = bar ? filled(words.ohlc, { open: quoted(bar.open), high: quoted(bar.high), low: quoted(bar.low), close: quoted(bar.close) }) : words.not_closed;
  $("cursor-gate").textContent = gateAt(cell);
  $("open-hour").hidden = !mark;
  if (mark) $("open-hour").href = `/hour/${mark.cycle}`;
}

box.addEventListener("keydown", (event) => {
  const last = candles.cells.length - 1, from = at ?? last + 1, step = Math.max(1, Math.round(24 / candles.each));
  const to = { ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - step, PageDown: from + step, Home: 0, End: last }[event.key];
  if (event.key === "Enter" && at !== null && !$("open-hour").hidden) location.assign($("open-hour").href);
  if (to === undefined || last < 0) return;
  event.preventDefault();
  tell(Math.min(Math.max(to, 0), last));
  candles.point(at);
});

/** Ask for the data and draw them. An answer that another question has overtaken is let go. */
async function load() {
  const mine = ++asked, query = chosen();
  box.setAttribute("aria-busy", "true");
  const answer = await fetch(`/chart/data?${query}`).catch(() => null);
  if (mine !== asked) return;
  box.setAttribute("aria-busy", "false");
  if (!answer?.ok) return warn(words.no_data);
  const data = await answer.json();
  if (mine !== asked) return;
  warn(data.stale);
  list(data.levels);
  show(data);
}

/** The cursor stays at its candle; one at the newest goes on to the new one. Where there is nothing, nothing is drawn. */
function show(data) {
  const parts = [box, $("twin"), document.querySelector(".keys")], nothing = !data.bars.length && !data.hours.length;
  for (const part of parts) part.hidden = nothing;
  const kept = at === null || at === candles.cells.length - 1 ? null : candles.cells[at]?.t;
  candles.show(data);
  at = null;
  const found = candles.cells.findIndex((cell) => cell.t === kept);
  if (candles.cells.length) tell(found < 0 ? candles.cells.length - 1 : found);
  else $("cursor-what").textContent = words.no_candles;
  $("each").textContent = candles.each > 1 ? filled(words.hours_each, { n: candles.each }) : "";
  if ($("twin").open) table();
}

function warn(text) {
  $("stale").hidden = !text;
  $("stale").querySelector("p").textContent = text;
}

const made = (name, text = "", more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);

function list(levels) {
  $("no-levels").hidden = levels.length > 0;
  $("levels").replaceChildren(...levels.map(({ title, said, note }) => {
    const row = made("div"), value = made("dd", said);
    if (note) value.append(made("br"), made("span", note, { className: "sub s" }));
    row.append(made("dt", title), value);
    return row;
  }));
}

/** The twin of the drawing, newest first. */
function table() {
  let before = null;
  const rows = candles.cells.map((cell) => {
    const row = made("tr"), head = made("th", "", { scope: "row" }), mark = gravest(cell), change = cell.bar && before ? cell.bar.close / before - 1 : null;
    head.append(mark ? made("a", seoul(cell.t), { href: `/hour/${mark.cycle}`, className: "tap" }) : seoul(cell.t));
    const moved = made("td"), sign = Math.sign(change ?? 0);
    if (change !== null) moved.append(made("span", `${sign > 0 ? "▲ +" : sign < 0 ? "▼ −" : ""}${Math.abs(change * 100).toFixed(1)} %`, { className: sign > 0 ? "up" : sign < 0 ? "down" : "nw" }));
    row.append(head, made("td", cell.bar ? quoted(cell.bar.close) : "–"), moved, made("td", gateAt(cell)), made("td", told(cell), { className: "told" }));
    before = cell.bar?.close ?? before;
    return row;
  });
  $("twin").querySelector("tbody").replaceChildren(...rows.reverse());
}

$("twin").addEventListener("toggle", () => $("twin").open && table());
form.addEventListener("change", () => {
  history.replaceState(null, "", `/chart?${chosen()}`);
  at = null;
  load();
});
// What happens comes in bursts, a cycle's events say: one look after it is enough.
document.body.addEventListener("log", () => {
  resting ??= setTimeout(() => ((resting = null), document.hidden || load()), REST_MS);
});
document.addEventListener("visibilitychange", () => document.hidden || load());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => candles.dress());
addEventListener("resize", () => candles.data && show(candles.data));
load();

// A market's hours as the candles that there is room for: each cell holds one or several hours and what was done in them.
const HOUR = 3600, STEPS = [1, 2, 4, 6, 12, 24], NARROWEST = 3.5;
const RANK = { open: 0, gated: 1, hold: 2, denied: 3, sell: 4, buy: 4, trouble: 5 };

/** How many hours one candle shows, so that it is no hairline. */
export const hoursEach = (bars, width) =>
  STEPS.find((step) => (bars / step) * NARROWEST <= width) ?? STEPS.at(-1);

/** Cells, oldest first: {t, hours, bar?, marks, fills}. An hour without a candle has a cell, too: the one that runs. */
export function cells({ bars, hours, fills }, each) {
  const step = each * HOUR, found = new Map();
  const cell = (t) => {
    const at = Math.floor(t / step) * step;
    if (!found.has(at)) found.set(at, { t: at, bar: null, marks: [], fills: [] });
    return found.get(at);
  };
  for (const [t, open, high, low, close, volume] of bars) {
    const one = cell(t), bar = one.bar;
    one.bar = bar
      ? { ...bar, high: Math.max(bar.high, high), low: Math.min(bar.low, low), close, volume: bar.volume + volume }
      : { open, high, low, close, volume };
  }
  for (const hour of hours) cell(hour.t).marks.push(hour);
  for (const fill of fills) cell(fill.t).fills.push(fill);
  return [...found.values()].sort((a, b) => a.t - b.t);
}

/** The hour that a cell stands for: the gravest, the newest of these. */
export const gravest = (cell) =>
  cell.marks.reduce((best, mark) => (!best || RANK[mark.kind] >= RANK[best.kind] ? mark : best), null);

/** The last of rows [t, …] that lies before the end of a cell. */
export function valueAt(rows, end) {
  let found = null;
  for (const row of rows) if (row[0] < end) found = row;
  return found;
}

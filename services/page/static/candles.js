// Candles, volume and the gate by lightweight-charts, in Seoul's time and the sheet's colours.
import { Marks } from "./hollow.js";
import { cells, hoursEach, valueAt } from "./cells.js";

const AHEAD = 32400, L = window.LightweightCharts;
const probe = document.body.appendChild(document.createElement("i"));
probe.hidden = true;
const colour = (name) => ((probe.style.color = `var(--${name})`), getComputedStyle(probe).color);
const language = document.documentElement.lang;
const grouped = new Intl.NumberFormat("ko-KR", { maximumFractionDigits: 8 });

export const quoted = (price) => grouped.format(price);
/** 01-05 12:00 in Seoul. */
export const seoul = (t) => new Date((t + AHEAD) * 1000).toISOString().slice(5, 16).replace("T", " ");
const axis = (price) =>
  language !== "ko" || Math.abs(price) < 1e5
    ? (Math.abs(price) < 1e5 ? quoted(+price.toPrecision(5)) : new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 }).format(price))
    : `${(price / 1e4).toLocaleString("ko-KR", { maximumFractionDigits: price < 1e7 ? 1 : 0 })}만`;
const quiet = { lastValueVisible: false, priceLineVisible: false };

/** box: an empty element. What was drawn is in `cells` and `each`; onMove and onTap are called with a cell's number. */
export class Candles {
  constructor(box, { withGate = true, onMove = () => {}, onTap = () => {} } = {}) {
    this.box = box;
    this.cells = [];
    this.marks = new Marks();
    this.chart = L.createChart(box, {
      autoSize: true, handleScroll: false, handleScale: false, crosshair: { mode: 0 },
      localization: { locale: language, timeFormatter: (t) => seoul(t - AHEAD) },
      layout: { attributionLogo: false, fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { vertLines: { visible: false } },
      rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.1, bottom: 0.28 } },
      timeScale: { timeVisible: true, minBarSpacing: 0.3, tickMarkFormatter: (t, kind) => seoul(t - AHEAD).slice(...(kind < 3 ? [0, 5] : [6])) },
    });
    this.price = this.chart.addSeries(L.CandlestickSeries, { ...quiet, autoscaleInfoProvider: (usual) => this.withLevels(usual()) });
    this.volume = this.chart.addSeries(L.HistogramSeries, { ...quiet, priceScaleId: "" });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0.07 } });
    this.price.attachPrimitive(this.marks);
    if (withGate) this.addGate();
    this.lines = [];
    this.dress();
    new ResizeObserver(() => this.fit()).observe(box);
    const number = (at) => (at.logical === undefined || at.logical === null || !this.cells.length ? null : Math.min(Math.max(Math.round(at.logical), 0), this.cells.length - 1));
    this.chart.subscribeCrosshairMove((at) => { if (at.sourceEvent && number(at) !== null) onMove(number(at)); });
    this.chart.subscribeClick((at) => { if (at.point && this.cells.length) onTap(number(at), at.paneIndex ? null : this.marks.hit(at.point.x, at.point.y)); });
  }

  addGate() {
    const percent = { type: "custom", minMove: 0.1, formatter: (value) => `${value.toFixed(0)} %` };
    this.gate = this.chart.addSeries(L.LineSeries, { ...quiet, lineWidth: 2, priceFormat: percent }, 1);
    this.limit = this.chart.addSeries(L.LineSeries, { ...quiet, lineWidth: 2, lineStyle: 2, lineType: 1, priceFormat: percent }, 1);
    this.chart.panes()[0].setStretchFactor(4);
    this.chart.panes()[1].setStretchFactor(1);
    this.chart.panes()[1].priceScale("right").applyOptions({ scaleMargins: { top: 0.2, bottom: 0.2 } });
  }

  /** The sheet's colours of now. */
  dress() {
    const [ink, sub, line, card, up, down, alarm] = ["ink", "sub", "line", "card", "up", "down", "alarm"].map(colour);
    this.chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: sub, panes: { separatorColor: line } },
      grid: { horzLines: { color: line } }, timeScale: { borderColor: line },
      crosshair: { vertLine: { color: sub, labelBackgroundColor: ink }, horzLine: { color: sub, labelBackgroundColor: ink } },
    });
    // A falling candle is hollow: its colour is not all that tells it.
    this.price.applyOptions({ upColor: up, borderUpColor: up, wickUpColor: up, downColor: card, borderDownColor: down, wickDownColor: down });
    this.volume.applyOptions({ color: line });
    this.gate?.applyOptions({ color: ink });
    this.limit?.applyOptions({ color: alarm });
    this.marks.colours = { ink, alarm };
    if (this.data) this.drawLevels();
    this.marks.refresh();
  }

  /** data: as the page's route gives it. */
  show(data) {
    this.data = data;
    this.each = hoursEach(data.bars.length, this.box.clientWidth - 60);
    this.cells = cells(data, this.each);
    const time = (cell) => cell.t + AHEAD, known = this.cells.filter((cell) => cell.bar), last = known.at(-1)?.bar.close ?? 1;
    this.price.applyOptions({ priceFormat: { type: "custom", formatter: axis, minMove: 10 ** (Math.floor(Math.log10(last)) - 4) } });
    this.price.setData(this.cells.map((cell) => (cell.bar ? { time: time(cell), ...cell.bar } : { time: time(cell) })));
    this.volume.setData(known.map((cell) => ({ time: time(cell), value: cell.bar.volume })));
    this.drawGate(time);
    this.placeMarks();
    this.drawLevels();
    this.fit();
  }

  fit() {
    this.chart.timeScale().setVisibleLogicalRange({ from: -0.5, to: this.cells.length * 1.03 - 0.5 });
  }

  drawGate(time) {
    if (!this.gate) return;
    const rows = this.cells.map((cell) => [time(cell), valueAt(this.data.gate, cell.t + this.each * 3600)]).filter(([, row]) => row);
    this.gate.setData(rows.map(([at, row]) => ({ time: at, value: row[1] * 100 })));
    this.limit.setData(rows.filter(([, row]) => row[2] !== null).map(([at, row]) => ({ time: at, value: row[2] * 100 })));
  }

  placeMarks() {
    const hours = [], fills = [];
    this.cells.forEach((cell, index) => {
      for (const mark of cell.marks) if (mark.kind !== "buy" && mark.kind !== "sell") hours.push({ ...mark, index });
      const bar = cell.bar ?? this.cells[index - 1]?.bar;
      for (const fill of cell.fills) if (bar) fills.push({ ...fill, kind: fill.side, index, price: fill.side === "buy" ? bar.low : bar.high });
    });
    Object.assign(this.marks, { hours, fills });
    this.marks.refresh();
  }

  drawLevels() {
    this.lines.forEach((line) => this.price.removePriceLine(line));
    const narrow = this.box.clientWidth < 500; // a title would lie on the newest candles; the list beside has it
    this.lines = this.data.levels.filter((level) => level.price !== null).map(({ name, price, title }) =>
      this.price.createPriceLine({ price, title: narrow ? "" : title.replace(/ \(.*/, ""), color: colour(name === "cost" ? "ink" : "alarm"), lineStyle: name === "cost" ? 0 : 2, lineWidth: 1, axisLabelTextColor: colour("card") }));
  }

  /** Lines within a sixth of the prices are kept in view. */
  withLevels(usual) {
    if (!usual?.priceRange) return usual;
    let { minValue, maxValue } = usual.priceRange;
    const low = minValue * 5 / 6, high = maxValue * 7 / 6;
    for (const { price } of this.data?.levels ?? []) if (price !== null && price > low && price < high) (minValue = Math.min(minValue, price)), (maxValue = Math.max(maxValue, price));
    return { ...usual, priceRange: { minValue, maxValue } };
  }

  /** Put the cross on a cell. */
  point(index) {
    const cell = this.cells[index], price = cell.bar?.close ?? this.cells[index - 1]?.bar?.close;
    if (price !== undefined) this.chart.setCrosshairPosition(price, cell.t + AHEAD, this.price);
  }
}

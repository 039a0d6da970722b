// Marks of hours, drawn over the candles: filled ones where it traded, hollow ones in a lane below where it did not.
// Where hours stand closer than a mark is wide, the gravest of a few stands for all of them, so that none blurs.
const ROOM = 13, RADIUS = 4.5, TAP = 22;
const RANK = { gated: 1, hold: 2, open: 0, denied: 3, trouble: 4 };

const SHAPES = {
  gated: (c, x, y, r) => c.arc(x, y, r, 0, 7),
  hold: (c, x, y, r) => polygon(c, [x, y - r - 1], [x + r + 1, y], [x, y + r + 1], [x - r - 1, y]),
  denied: (c, x, y, r) => polygon(c, [x, y - r], [x + r, y + r], [x - r, y + r]),
  trouble: (c, x, y, r) => polygon(c, [x, y - r - 1], [x + r + 1, y + r], [x - r - 1, y + r]),
  buy: (c, x, y, r) => polygon(c, [x, y - r], [x + r, y + r], [x - r, y + r]),
  sell: (c, x, y, r) => polygon(c, [x, y + r], [x + r, y - r], [x - r, y - r]),
};
const polygon = (c, first, ...rest) => (c.moveTo(...first), rest.forEach((point) => c.lineTo(...point)), c.closePath());

/** marks: {index, t, kind} of hours; fills: {index, t, kind, price} of trades. colours: ink, alarm. */
export class Marks {
  constructor() {
    this.hours = [];
    this.fills = [];
    this.placed = [];
    this.colours = {};
  }
  attached(given) { this.given = given; }
  paneViews() { return [{ renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace((space) => this.draw(space)) }) }]; }
  refresh() { this.given?.requestUpdate(); }

  draw({ context: c, mediaSize }) {
    const scale = this.given.chart.timeScale(), spacing = scale.options().barSpacing;
    this.placed = [];
    for (const mark of this.lane(Math.max(1, Math.ceil(ROOM / spacing))))
      this.put(c, mark, scale.logicalToCoordinate(mark.index), mediaSize.height - 10, mark.shift * spacing);
    for (const fill of this.fills) {
      const y = this.given.series.priceToCoordinate(fill.price);
      if (y !== null) this.put(c, fill, scale.logicalToCoordinate(fill.index), y + (fill.kind === "buy" ? 12 : -12), 0, 6);
    }
  }
  lane(every) {
    const groups = new Map();
    for (const mark of this.hours) {
      const place = Math.floor(mark.index / every), best = groups.get(place);
      if (!best || RANK[mark.kind] >= RANK[best.kind]) groups.set(place, mark);
    }
    return [...groups].filter(([, mark]) => RANK[mark.kind]).map(([place, mark]) => ({ ...mark, shift: place * every + (every - 1) / 2 - mark.index }));
  }
  put(c, mark, at, y, shift, r = RADIUS) {
    if (at === null) return;
    const x = at + shift;
    const filled = ["buy", "sell", "trouble"].includes(mark.kind);
    c.strokeStyle = c.fillStyle = ["denied", "trouble"].includes(mark.kind) ? this.colours.alarm : this.colours.ink;
    c.lineWidth = 1.4;
    c.beginPath();
    SHAPES[mark.kind](c, x, y, r);
    if (filled) c.fill();
    else c.stroke();
    this.placed.push({ ...mark, x, y });
  }
  /** The mark under a finger, if one is. */
  hit(x, y) {
    const near = this.placed.filter((mark) => Math.abs(mark.x - x) <= TAP && Math.abs(mark.y - y) <= TAP);
    const off = (mark) => Math.hypot(mark.x - x, mark.y - y);
    return near.sort((a, b) => off(a) - off(b))[0];
  }
}

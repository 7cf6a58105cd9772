// A chart a field; the chosen keys in each, one window of time and one cursor for all.
import { element, figure, guarded, moment, nameOf, setText, unitOf, withUnit } from './format.js';

const mostCharts = 12;
const mostDrawn = 5000;

// Only what is used: the legend's markup would need inline styles, which the page's policy forbids.
Dygraph.PLUGINS = [Dygraph.Plugins.Grid, Dygraph.Plugins.Axes];

function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Charts {
  /** `moved(range or null)`: the visitor chose a window by hand, or follows the stream again. */
  constructor(model, moved) {
    this.model = model;
    this.moved = moved;
    this.plots = new Map();
    this.box = document.getElementById('plots');
    this.tip = document.getElementById('tip');
    this.range = null;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const plot of this.plots.values()) this.paint(plot);
    });
  }

  /** `span`: {points: n} or {seconds: s} or {all: true}. */
  draw(keys, fields, marks, span) {
    this.keys = keys;
    this.marks = marks;
    const shown = fields.slice(0, mostCharts);
    for (const [field, plot] of this.plots)
      if (!shown.includes(field)) {
        plot.graph?.destroy();
        plot.root.remove();
        this.plots.delete(field);
      }
    const range = this.range ?? this.following(keys, shown, span);
    this.shownRange = range;
    shown.forEach((field, i) => {
      let plot = this.plots.get(field);
      if (!plot) this.plots.set(field, (plot = this.make(field)));
      if (this.box.children[i] !== plot.root) this.box.insertBefore(plot.root, this.box.children[i] ?? null);
    });
    for (const field of shown) guarded(field, () => this.update(this.plots.get(field), keys, range));
  }

  /** The window that follows the stream: so many points, or so long, with room for what is predicted. */
  following(keys, fields, span) {
    let first = Infinity;
    let last = -Infinity;
    let ahead = -Infinity;
    for (const text of keys) {
      const key = this.model.keys.get(text);
      if (!key) continue;
      for (const field of fields) {
        const series = key.series.get(field);
        if (!series?.times.length) continue;
        const from = span.points ? Math.max(0, series.times.length - span.points) : 0;
        first = Math.min(first, series.times[from]);
        last = Math.max(last, series.times.at(-1));
        const prediction = key.predictions.get(field);
        if (prediction && prediction.time > series.times.at(-1)) ahead = Math.max(ahead, prediction.time);
      }
    }
    if (!Number.isFinite(first)) return [Date.now() - 3.6e6, Date.now()];
    if (span.seconds) first = last - span.seconds * 1000;
    if (first === last) first = last - 1000;
    const width = last - first;
    // What is predicted far away would squeeze what has been: half as much again at most.
    return [first, Math.max(last + width * 0.01, Math.min(ahead + width * 0.01, last + width * 0.6))];
  }

  make(field) {
    const plot = { field };
    const unit = unitOf(field, this.model.config.units);
    plot.unit = unit;
    plot.values = element('span', { className: 'values' });
    plot.canvas = element('div', { className: 'canvas' });
    plot.canvas.setAttribute('role', 'img');
    plot.canvas.tabIndex = 0;
    plot.root = element('figure', { className: 'plot' },
      element('figcaption', {}, element('h3', {}, unit ? `${nameOf(field)}, ${unit}` : nameOf(field)), plot.values), plot.canvas);
    plot.root.dataset.field = field;
    new ResizeObserver(() => plot.graph?.resize()).observe(plot.canvas);
    return plot;
  }

  rowsOf(plot, keys) {
    if (keys.length === 1) {
      const series = this.model.keys.get(keys[0])?.series.get(plot.field);
      if (!series) return [];
      const from = Math.max(0, series.times.length - mostDrawn);
      return series.times.slice(from).map((time, i) => [new Date(time), series.values[from + i]]);
    }
    const rows = new Map();
    keys.forEach((text, column) => {
      const series = this.model.keys.get(text)?.series.get(plot.field);
      if (!series) return;
      for (let i = Math.max(0, series.times.length - mostDrawn); i < series.times.length; ++i) {
        let row = rows.get(series.times[i]);
        if (!row) {
          row = [new Date(series.times[i]), ...keys.map(() => null)];
          rows.set(series.times[i], row);
        }
        row[column + 1] = series.values[i];
      }
    });
    return [...rows.values()].sort((a, b) => a[0] - b[0]);
  }

  /** The lowest and highest of what is in the window, predictions and their intervals included, with some air. */
  extent(plot, keys, rows, range) {
    let low = Infinity;
    let high = -Infinity;
    const see = (value) => {
      if (typeof value !== 'number' || Number.isNaN(value)) return;
      low = Math.min(low, value);
      high = Math.max(high, value);
    };
    for (const row of rows) if (row[0] >= range[0] && row[0] <= range[1]) row.slice(1).forEach(see);
    for (const text of keys) {
      const prediction = this.predictionOf(text, plot.field);
      if (!prediction || prediction.from > range[1]) continue;
      for (const point of prediction.path) if (point.time <= range[1]) [point.value, point.low, point.high].forEach(see);
    }
    if (low > high) return [0, 1];
    const air = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
    return [low - air, high + air];
  }

  predictionOf(text, field) {
    const key = this.model.keys.get(text);
    const series = key?.series.get(field);
    const prediction = key?.predictions.get(field);
    if (!series?.times.length || !prediction || !(prediction.time > series.times.at(-1))) return null;
    // Steps that readings have overtaken are not drawn.
    const path = prediction.path.filter((point) => point.time > series.times.at(-1));
    if (!path.length) return null;
    return { ...prediction, path, from: series.times.at(-1), start: series.last };
  }

  update(plot, keys, range) {
    const rows = this.rowsOf(plot, keys);
    plot.rows = rows;
    const labels = ['time', ...keys];
    if (rows.length === 0) rows.push([new Date(range[0]), ...keys.map(() => null)]);
    const options = { file: rows, labels, dateWindow: range, valueRange: this.extent(plot, keys, rows, range), colors: this.colors(keys) };
    if (!plot.graph || plot.labels !== labels.join('\n')) {
      plot.graph?.destroy();
      plot.labels = labels.join('\n');
      plot.graph = new Dygraph(plot.canvas, rows, {
        ...options,
        labelsUTC: false,
        connectSeparatedPoints: true,
        strokeWidth: 1.8,
        gridLineColor: styleOf('--grid'),
        axisLineColor: styleOf('--line'),
        gridLineWidth: 1,
        highlightCircleSize: 4,
        xRangePad: 0,
        rightGap: 8,
        drawPoints: false,
        animatedZooms: false,
        axes: { y: { axisLabelWidth: 46, axisLabelFormatter: (value) => figure(Number(value.toPrecision(10))), pixelsPerLabel: 34 }, x: { pixelsPerLabel: 76 } },
        underlayCallback: (canvas, area, graph) => this.under(plot, canvas, area, graph),
        highlightCallback: (event, time, points) => this.point(plot, event, time, points),
        unhighlightCallback: () => this.unpoint(),
        zoomCallback: (from, to) => this.movedTo([from, to]),
        drawCallback: (graph, initial) => {
          if (initial || !plot.graph) return;
          const [from, to] = graph.xAxisRange();
          const [was, until] = this.shownRange;
          if (Math.abs(from - was) + Math.abs(to - until) > (until - was) * 1e-6 && !this.setting) this.movedTo([from, to]);
        },
      });
      plot.canvas.ondblclick = () => this.follow();
    } else {
      this.setting = true;
      plot.graph.updateOptions(options);
      this.setting = false;
    }
    if (!this.pointing) this.showLatest(plot);
  }

  colors(keys) {
    return keys.map((key) => styleOf(`--s${this.marks.get(key) ?? 7}`));
  }

  paint(plot) {
    plot.graph?.updateOptions({ gridLineColor: styleOf('--grid'), axisLineColor: styleOf('--line'), colors: this.colors(this.keys) });
  }

  movedTo(range) {
    this.range = range;
    this.moved(range);
  }

  follow() {
    this.range = null;
    this.moved(null);
  }

  /** By keyboard or button: shift and zoom as parts of the window's width. */
  move(shift, zoom = 1) {
    if (!this.shownRange) return;
    const [from, to] = this.shownRange;
    const width = (to - from) * zoom;
    const middle = (from + to) / 2 + (to - from) * shift;
    this.movedTo([middle - width / 2, middle + width / 2]);
  }

  /** Behind the lines: what is predicted, with its interval, and where alerts began and ended. */
  under(plot, canvas, area, graph) {
    canvas.save();
    canvas.beginPath();
    canvas.rect(area.x, area.y, area.w, area.h);
    canvas.clip();
    for (const text of this.keys) {
      const prediction = this.predictionOf(text, plot.field);
      if (!prediction) continue;
      const color = styleOf(`--s${this.marks.get(text) ?? 7}`);
      const [x0, y0] = graph.toDomCoords(prediction.from, prediction.start);
      const path = prediction.path.map((point) => [...graph.toDomCoords(point.time, point.value), point]);
      const [x1, y1] = path.at(-1);
      canvas.fillStyle = color;
      canvas.strokeStyle = color;
      if (path.every(([, , point]) => typeof point.low === 'number' && typeof point.high === 'number')) {
        canvas.globalAlpha = 0.15;
        canvas.beginPath();
        canvas.moveTo(x0, y0);
        for (const [x, , point] of path) canvas.lineTo(x, graph.toDomYCoord(point.high));
        for (const [x, , point] of [...path].reverse()) canvas.lineTo(x, graph.toDomYCoord(point.low));
        canvas.closePath();
        canvas.fill();
      }
      canvas.globalAlpha = 0.9;
      canvas.lineWidth = 1.6;
      canvas.setLineDash([5, 4]);
      canvas.beginPath();
      canvas.moveTo(x0, y0);
      for (const [x, y] of path) canvas.lineTo(x, y);
      canvas.stroke();
      canvas.setLineDash([]);
      canvas.beginPath();
      canvas.arc(x1, y1, 3.2, 0, 2 * Math.PI);
      canvas.fill();
    }
    canvas.globalAlpha = 1;
    for (const alert of this.alertsOf(plot.field)) {
      const x = graph.toDomXCoord(alert.time);
      if (x < area.x || x > area.x + area.w) continue;
      const color = styleOf(alert.firing ? '--bad' : '--good');
      canvas.strokeStyle = color;
      canvas.fillStyle = color;
      canvas.globalAlpha = 0.45;
      canvas.lineWidth = 1;
      canvas.setLineDash([2, 3]);
      canvas.beginPath();
      canvas.moveTo(x, area.y);
      canvas.lineTo(x, area.y + area.h);
      canvas.stroke();
      canvas.setLineDash([]);
      canvas.globalAlpha = 1;
      canvas.beginPath();
      const tip = alert.firing ? 8 : 0;
      canvas.moveTo(x - 5, area.y + 8 - tip);
      canvas.lineTo(x + 5, area.y + 8 - tip);
      canvas.lineTo(x, area.y + tip);
      canvas.closePath();
      canvas.fill();
    }
    canvas.restore();
  }

  /** Alerts of the keys shown that are about this field; one whose rule names none of the fields is about all. */
  alertsOf(field) {
    const fields = this.model.fields;
    return this.model.alerts.filter((alert) => {
      if (!this.keys.includes(alert.key)) return false;
      const about = alert.parameter ? [alert.parameter] : fields.filter((each) => alert.rule.includes(each));
      return about.length === 0 || about.includes(field);
    });
  }

  /** The cursor: a tooltip beside it, and the values at that time above every chart. */
  point(plot, event, time, points) {
    if (this.pointing === time && this.pointed === plot) return this.placeTip(event);
    this.pointing = time;
    this.pointed = plot;
    for (const other of this.plots.values()) this.showAt(other, time, other !== plot);
    const rows = points.filter((each) => each.yval !== null && !Number.isNaN(each.yval)).map((each) => {
      const mark = element('i');
      mark.dataset.mark = this.marks.get(each.name) ?? 7;
      return element('div', {}, element('span', {}, mark, each.name), element('b', {}, withUnit(each.yval, plot.unit)));
    });
    const alerts = this.alertsOf(plot.field).filter((alert) => Math.abs(alert.time - time) < 1).map((alert) => element('div', {}, `${alert.firing ? '▲' : '▼'} ${alert.message}`));
    this.tip.replaceChildren(element('div', {}, moment(time)), ...rows, ...alerts);
    this.tip.hidden = false;
    this.placeTip(event);
  }

  placeTip(event) {
    const box = this.tip.getBoundingClientRect();
    const x = event.clientX + 16 + box.width > innerWidth ? event.clientX - box.width - 16 : event.clientX + 16;
    this.tip.style.left = `${Math.max(4, x)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(event.clientY + 12, innerHeight - box.height - 4))}px`;
  }

  unpoint() {
    this.pointing = undefined;
    this.tip.hidden = true;
    for (const plot of this.plots.values()) {
      plot.graph?.clearSelection();
      this.showLatest(plot);
    }
  }

  showAt(plot, time, select) {
    let at = -1;
    let far = Infinity;
    plot.rows.forEach((row, i) => {
      const distance = Math.abs(row[0] - time);
      if (distance < far) {
        far = distance;
        at = i;
      }
    });
    if (at < 0) return;
    if (select) plot.graph?.setSelection(at);
    const texts = this.keys.map((key, column) => [key, plot.rows[at][column + 1]]).filter(([, value]) => typeof value === 'number');
    setText(plot.values, texts.map(([key, value]) => (this.keys.length > 1 ? `${key} ${figure(value)}` : figure(value))).join('  ·  '));
  }

  showLatest(plot) {
    const texts = [];
    for (const text of this.keys) {
      const series = this.model.keys.get(text)?.series.get(plot.field);
      if (series?.times.length) texts.push(this.keys.length > 1 ? `${text} ${figure(series.last)}` : withUnit(series.last, plot.unit));
    }
    setText(plot.values, texts.join('  ·  '));
    const label = `${nameOf(plot.field)}: ${texts.join(', ') || 'nothing yet'}`;
    if (plot.canvas.getAttribute('aria-label') !== label) plot.canvas.setAttribute('aria-label', label);
  }
}

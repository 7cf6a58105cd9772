// The map: keys at their last place on plain axes, and an outline beneath them. Nothing comes from elsewhere.
import { element, figure, guarded, length, moment, setText, withUnit } from './format.js';
import { classesOf, worstAlerts } from './locations.js';
import { boundsOf, squeeze, toDegrees, viewOf, viewWith, wrap } from './projection.js';
import { drawGraticule, drawOutline, drawScale, mark, readOutline } from './map-draw.js';

const reach = 14;  // pixels from a pointer to its point

function colorOf(level) {
  return /^(warn|minor|info)/i.test(level) ? '--warn' : '--bad';
}

function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class MapView {
  /** `choose(key)` is called for a point that was clicked; `redraw()` asks for a call of draw(). */
  constructor(model, locations, choose, redraw) {
    Object.assign(this, { model, locations, choose, redraw });
    this.canvas = document.getElementById('map');
    this.context = this.canvas.getContext('2d');
    this.legend = document.getElementById('map-legend');
    this.tip = document.getElementById('tip');
    this.size = { width: 0, height: 0 };
    this.view = null;
    this.follows = true;
    this.drawn = { points: [] };
    this.pointers = new Map();
    this.listen();
  }

  configure(settings, unit) {
    this.unit = unit;
    if (settings?.base && this.outline === undefined) {
      this.outline = null;
      fetch('map-base.json').then((answer) => answer.json()).then((map) => {
        this.outline = readOutline(map);
        this.moved();
      }).catch((problem) => console.warn(`the outline: ${problem}`));
    }
  }

  listen() {
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.moved());
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => this.press(event));
    canvas.addEventListener('pointermove', (event) => this.drag(event));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => this.release(event));
    canvas.addEventListener('pointerleave', () => this.unpoint());
    canvas.addEventListener('dblclick', (event) => this.zoom(2, event.offsetX, event.offsetY));
    canvas.addEventListener('wheel', (event) => {
      // A page that is scrolled must not stop at the map: the wheel zooms where the map is in use.
      if (document.activeElement !== canvas && !event.ctrlKey) return;
      event.preventDefault();
      this.zoom(Math.exp(Math.max(-100, Math.min(100, -event.deltaY)) / 200), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener('keydown', (event) => this.key(event));
    for (const [id, does] of [['map-closer', () => this.zoom(1.6)], ['map-wider', () => this.zoom(1 / 1.6)], ['map-all', () => this.showAll()]])
      document.getElementById(id).onclick = does;
  }

  /** Takes the size that the page gives it. */
  fit() {
    const box = this.canvas.getBoundingClientRect();
    if (box.width === 0) return;
    this.size = { width: box.width, height: box.height };
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.bounds = null;
    this.moved();
  }

  showAll() {
    this.follows = true;
    this.bounds = null;
    this.moved();
  }

  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    if (!this.view) return;
    const [lat, lon] = toDegrees(this.view, this.size, x, y);
    this.go(viewWith(this.size, this.view.scale * factor, lat, lon, x, y));
  }

  pan(x, y) {
    if (!this.view) return;
    const { width, height } = this.size;
    const [lat, lon] = toDegrees(this.view, this.size, width / 2, height / 2);
    this.go(viewWith(this.size, this.view.scale, lat, lon, width / 2 + x, height / 2 + y));
  }

  go(view) {
    this.view = view;
    this.follows = false;
    this.moved();
  }

  moved() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      const begun = performance.now();
      guarded('the map', () => this.paint());
      this.lasted = performance.now() - begun;
    });
  }

  key(event) {
    const step = 0.15 * Math.min(this.size.width, this.size.height);
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) this.pan(...moves[event.key]);
    else if (event.key === '+' || event.key === '=') this.zoom(1.6);
    else if (event.key === '-') this.zoom(1 / 1.6);
    else if (event.key === '0') this.showAll();
    else return;
    event.preventDefault();
  }

  press(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.pointers.size === 1) this.pressed = [event.offsetX, event.offsetY];
    else this.pressed = null;  // two fingers are no click
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.point(event);
    const now = [event.offsetX, event.offsetY];
    if (this.pressed && Math.hypot(now[0] - this.pressed[0], now[1] - this.pressed[1]) < 5) return undefined;
    this.pressed = null;
    this.unpoint();
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!this.view) return undefined;
    if (!other) return this.pan(now[0] - before[0], now[1] - before[1]);
    // Two fingers: the place between them stays between them.
    const middle = (a) => [(a[0] + other[0]) / 2, (a[1] + other[1]) / 2];
    const [lat, lon] = toDegrees(this.view, this.size, ...middle(before));
    const spread = (a) => Math.max(10, Math.hypot(a[0] - other[0], a[1] - other[1]));
    return this.go(viewWith(this.size, (this.view.scale * spread(now)) / spread(before), lat, lon, ...middle(now)));
  }

  release(event) {
    this.pointers.delete(event.pointerId);
    if (!this.pressed || event.type !== 'pointerup') return;
    this.pressed = null;
    const found = this.near(event.offsetX, event.offsetY);
    if (found) this.choose(found.key);
    if (event.pointerType !== 'mouse') this.point(event);
  }

  /** The point that is drawn nearest to a pixel; alerts before others. */
  near(x, y) {
    let best = null;
    let least = reach * reach;
    const { points, xs, ys } = this.drawn;
    for (let i = 0; i < points.length; ++i) {
      const distance = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
      if (distance > least + 40) continue;
      const nearer = this.alerts.has(points[i].key) ? distance - 40 : distance;
      if (nearer > least) continue;
      least = nearer;
      best = points[i];
    }
    return best;
  }

  point(event) {
    const found = this.near(event.offsetX, event.offsetY);
    if (!found) return this.unpoint();
    if (this.pointing !== found.key) {
      this.pointing = found.key;
      this.moved();
    }
    const lines = [element('div', {}, element('b', {}, found.key))];
    if (found.label) lines.push(element('div', {}, found.label));
    const alert = worstAlerts(this.model.firing).get(found.key);
    if (alert) lines.push(element('div', {}, `▲ ${alert.level || 'firing'}: ${alert.rule}`));
    if (found.level) lines.push(element('div', {}, found.level));
    if (!Number.isNaN(found.value)) lines.push(element('div', {}, withUnit(found.value, this.unit)));
    if (!Number.isNaN(found.time)) lines.push(element('div', {}, moment(found.time)));
    this.tip.replaceChildren(...lines);
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 4))}px`;
    this.tip.style.top = `${Math.max(4, event.clientY + 14 + box.height > innerHeight ? event.clientY - box.height - 10 : event.clientY + 14)}px`;
    return undefined;
  }

  unpoint() {
    if (this.pointing === undefined) return;
    this.pointing = undefined;
    this.tip.hidden = true;
    this.moved();
  }

  /** Brings the map in step with what is known. */
  draw(chosen) {
    const begun = performance.now();
    this.chosen = new Set(chosen);
    this.points = [...this.locations.points.values()];
    this.alerts = worstAlerts(this.model.firing);
    Object.assign(this, classesOf(this.points, this.locations.settings, this.unit));
    this.drawLegend();
    // With very many points a stream leaves the page most of its time for other work.
    this.next = performance.now() + 4 * (performance.now() - begun + (this.lasted ?? 0));
    if (this.size.width === 0) this.fit();
    this.moved();
  }

  drawLegend() {
    const firing = new Map();
    for (const point of this.points) {
      const alert = this.alerts.get(point.key);
      if (alert) firing.set(alert.level || 'firing', (firing.get(alert.level || 'firing') ?? 0) + 1);
    }
    const item = (name, color, shape, count) => {
      const swatch = element('i', { className: shape });
      swatch.style.setProperty('--mark', `var(${color})`);
      return element('span', {}, swatch, `${name}${name ? ' ' : ''}`, element('b', {}, figure(count)));
    };
    const total = this.points.length;
    const items = [...firing].map(([level, count]) => item(level, colorOf(level), 'alert', count));
    const plain = this.classes.length === 1 && this.classes[0].name === '';
    if (plain) items.push(item(firing.size ? 'no alert' : 'keys', '--s7', 'dot', total - [...firing.values()].reduce((sum, each) => sum + each, 0)));
    else for (const each of this.classes) items.push(item(each.name, each.color, 'dot', each.count));
    const text = JSON.stringify(items.map((each) => each.outerHTML));
    if (this.legendText !== text) {
      this.legendText = text;
      this.legend.replaceChildren(...items);
    }
    setText(document.getElementById('map-count'), `${figure(total)}${this.locations.leftOut ? `; ${figure(this.locations.leftOut)} more that were quiet longer are left out` : ''}`);
    const summary = `Map of ${figure(total)} keys, ${this.alerts.size} of them with alerts. Arrow keys move it, plus and minus zoom, 0 shows all. The table has the same.`;
    if (this.canvas.getAttribute('aria-label') !== summary) this.canvas.setAttribute('aria-label', summary);
  }

  paint() {
    const { context, size } = this;
    if (!this.points || size.width === 0) return;
    const bounds = this.follows ? boundsOf(this.points) : null;
    if (bounds && JSON.stringify(bounds) !== this.bounds) {
      this.bounds = JSON.stringify(bounds);
      this.view = viewOf(bounds, size);
    }
    context.clearRect(0, 0, size.width, size.height);
    this.drawn = { points: [] };
    if (!this.view) return;
    const styles = { grid: styleOf('--grid'), ink: styleOf('--soft'), sheet: styleOf('--sheet'), land: styleOf('--land') };
    if (this.outline) drawOutline(context, this.view, size, this.outline, styles);
    drawGraticule(context, this.view, size, styles);
    this.drawPoints();
    drawScale(context, this.view, size, styles);
  }

  /** Points of a class together; one that would cover another of its class wholly is not drawn. */
  drawPoints() {
    const { context, size, view } = this;
    const narrow = squeeze(view) * view.scale;
    const shown = [];
    const xs = new Float32Array(this.points.length);
    const ys = new Float32Array(this.points.length);
    for (const point of this.points) {
      const x = size.width / 2 + wrap(point.lon - view.lon) * narrow;
      const y = size.height / 2 - (point.lat - view.lat) * view.scale;
      if (!(x > -10 && y > -10 && x < size.width + 10 && y < size.height + 10)) continue;
      xs[shown.length] = x;
      ys[shown.length] = y;
      shown.push(point);
    }
    this.drawn = { points: shown, xs, ys };
    const dense = (shown.length * 500000) / (size.width * size.height);  // points on a map of usual size
    const radius = dense > 20000 ? 1.5 : dense > 3000 ? 2.2 : dense > 500 ? 3 : 4.5;
    const columns = Math.ceil(size.width) + 21;
    const covered = new Uint8Array(columns * (Math.ceil(size.height) + 21));
    const members = this.classes.map(() => []);
    const alerts = [];
    const rings = [];
    shown.forEach((point, i) => {
      if (this.chosen.has(point.key) || this.pointing === point.key) rings.push(i);
      if (this.alerts.size > 0 && this.alerts.has(point.key)) {
        alerts.push(i);
        return;
      }
      const at = this.classOf(point);
      const place = (Math.floor(ys[i]) + 10) * columns + Math.floor(xs[i]) + 10;
      if (covered[place] === at + 1) return;
      covered[place] = at + 1;
      members[at].push(i);
    });
    context.globalAlpha = 0.85;
    // The last classes first: of levels the worst stand above the others.
    for (let at = members.length - 1; at >= 0; --at) {
      context.fillStyle = styleOf(this.classes[at].color);
      if (radius < 2) {
        for (const i of members[at]) context.fillRect(xs[i] - radius, ys[i] - radius, 2 * radius, 2 * radius);
        continue;
      }
      context.beginPath();
      for (const i of members[at]) {
        context.moveTo(xs[i] + radius, ys[i]);
        context.arc(xs[i], ys[i], radius, 0, 2 * Math.PI);
      }
      context.fill();
    }
    context.globalAlpha = 1;
    for (const i of alerts) mark(context, xs[i], ys[i], styleOf(colorOf(this.alerts.get(shown[i].key).level)), styleOf('--sheet'));
    context.lineWidth = 2;
    context.strokeStyle = styleOf('--ink');
    for (const i of rings) {
      context.beginPath();
      context.arc(xs[i], ys[i], radius + 5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Rows of the table: alerts first, then the latest. */
  rows() {
    return [...this.locations.points.values()].map((point) => ({ ...point, alert: this.alerts?.get(point.key) }))
      .sort((a, b) => Boolean(b.alert) - Boolean(a.alert) || (b.time || 0) - (a.time || 0));
  }

  age(point, now) {
    return Number.isNaN(point.time) ? '' : length((now - point.time) / 1000);
  }
}

// Where each key is, in bounded memory, and the colour that it has on the map.
import { figure } from './format.js';
import { niceAbove } from './projection.js';

const bins = 7;
const levelMarks = 7;
const known = [[/^(crit|alarm|alert|emerg|sever|error|fatal|high)/i, '--bad', 3], [/^(warn|minor|medium|moderate)/i, '--warn', 2], [/^(info|notice|low)/i, '--s6', 1], [/^(ok|good|normal|none)/i, '--good', 0]];

/** How bad a level is, by its name: one that nobody knows is in the middle, none at the end. */
function rankOf(level) {
  return level === '' ? -1 : known.find(([name]) => name.test(level))?.[2] ?? 2;
}

function valueAt(record, path) {
  if (!path) return undefined;
  return Object.hasOwn(record, path) ? record[path] : path.split('.').reduce((inner, name) => (inner === null || typeof inner !== 'object' ? undefined : inner[name]), record);
}

function textOf(value, longest) {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).slice(0, longest) : '';
}

export class Locations {
  constructor() {
    this.points = new Map();
    this.settings = null;
    this.leftOut = 0;
    this.version = 0;
  }

  /** `collection`: the server's answer, GeoJSON; the latest active first. */
  load(settings, collection) {
    this.settings = settings;
    ++this.version;
    if (!settings || !collection) return;
    this.leftOut = collection.left_out.points;
    this.points.clear();
    for (let i = collection.features.length - 1; i >= 0; --i) {
      const { geometry, properties } = collection.features[i];
      const [lon, lat] = geometry.coordinates;
      this.points.set(properties.key, { key: properties.key, lat, lon, value: properties.value ?? NaN, level: properties.level ?? '', label: properties.label ?? '', time: Date.parse(properties.time) });
    }
  }

  /** Takes a record as the server does; an alert says where its key is, and no more. */
  take(record, what, text, time) {
    const { settings } = this;
    if (!settings || what === 'prediction' || what === 'unreadable') return;
    const [lat, lon] = settings.coordinates.map((path) => valueAt(record, path));
    const located = typeof lat === 'number' && typeof lon === 'number' && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
    const wrong = !located && ((lat ?? null) !== null || (lon ?? null) !== null);
    let point = this.points.get(text);
    if (wrong || (!point && !located)) return;
    if (!point) {
      if (this.points.size >= settings.most) {
        this.points.delete(this.points.keys().next().value);
        ++this.leftOut;
      }
      point = { key: text, lat, lon, value: NaN, level: '', label: '', time: NaN };
      this.points.set(text, point);
    }
    ++this.version;
    if (located) Object.assign(point, { lat, lon });
    if (!Number.isNaN(time)) point.time = time;
    if (what === 'alert' || what === 'known' || (what === 'row' && !located)) return;
    const value = valueAt(record, settings.value);
    if (typeof value === 'number') point.value = value;
    else if (value !== undefined && value !== null) point.value = NaN;
    const level = valueAt(record, settings.level);
    if (level !== undefined && level !== null) point.level = textOf(level, 64);
    const label = valueAt(record, settings.label);
    if (label !== undefined && label !== null) point.label = textOf(label, 200);
  }
}

/** The worst firing alert of each key. */
export function worstAlerts(firing) {
  const worst = new Map();
  for (const alert of firing.values()) {
    const before = worst.get(alert.key);
    if (!before || rankOf(alert.level) > rankOf(before.level)) worst.set(alert.key, alert);
  }
  return worst;
}

/**
 * What the colours mean: `classOf(point)` is an index of `classes`, each {name, color (a CSS variable), count}. Values fall into at most seven
 * equal parts of what is usual: from the 2nd to the 98th of a hundred, so that one odd value does not squeeze all others.
 */
export function classesOf(points, settings, unit) {
  if (settings.value) return valueClasses(points, unit);
  if (settings.level) return levelClasses(points);
  return { classes: [{ name: '', color: '--s7', count: points.length }], classOf: () => 0 };
}

function levelClasses(points) {
  const counts = new Map();
  for (const { level } of points) counts.set(level, (counts.get(level) ?? 0) + 1);
  const names = [...counts.keys()].sort((a, b) => rankOf(b) - rankOf(a) || a.localeCompare(b));
  const classes = [];
  const at = new Map();
  let mark = 0;
  for (const name of names) {
    const named = known.find(([each]) => each.test(name));
    if (!named && name !== '' && mark === levelMarks) {  // more than there are colours
      let rest = classes.findIndex((each) => each.rest);
      if (rest < 0) rest = classes.push({ name: 'other', color: '--s7', count: 0, rest: true }) - 1;
      classes[rest].count += counts.get(name);
      at.set(name, rest);
      continue;
    }
    at.set(name, classes.length);
    classes.push({ name: name || 'no level', color: name === '' ? '--s7' : named ? named[1] : `--s${mark++}`, count: counts.get(name) });
  }
  return { classes, classOf: (point) => at.get(point.level) };
}

function valueClasses(points, unit) {
  const values = Float64Array.from(points, (each) => each.value).filter((each) => !Number.isNaN(each)).sort();
  const classes = [];
  const low = values[Math.floor((values.length - 1) * 0.02)];
  const high = values[Math.ceil((values.length - 1) * 0.98)];
  const step = high > low ? niceAbove((high - low) / (bins - 1)) : 0;
  const first = step > 0 ? Math.floor(low / step) : 0;
  const count = step > 0 ? Math.min(bins, Math.max(2, Math.ceil(high / step - 1e-9) - first)) : Math.min(1, values.length);
  const edge = (i) => figure(Number(((first + i) * step).toPrecision(6)));
  for (let i = 0; i < count; ++i) {
    const name = count === 1 ? figure(low) : i === 0 ? `up to ${edge(1)}` : i === count - 1 ? `from ${edge(i)}` : `${edge(i)} to ${edge(i + 1)}`;
    classes.push({ name: unit ? `${name} ${unit}` : name, color: `--v${count === 1 ? 3 : Math.round((i * (bins - 1)) / (count - 1))}`, count: 0 });
  }
  if (points.length > values.length) classes.push({ name: 'no value', color: '--s7', count: points.length - values.length });
  const classOf = ({ value }) => (Number.isNaN(value) ? classes.length - 1 : step > 0 ? Math.max(0, Math.min(count - 1, Math.floor(value / step) - first)) : 0);
  for (const point of points) if (!Number.isNaN(point.value)) ++classes[classOf(point)].count;
  return { classes, classOf };
}

// What the page knows: the last readings of each key, predictions and alerts, in bounded memory.
import { Locations } from './locations.js';

const otherTimes = ['timestamp', 'time', 'ts', 'window_end', 'window_start', 'date'];
const reserved = new Set(['__proto__', 'constructor', 'prototype']);

/** As the tools: a moment outside 1678 to 2261 is none. */
const farthest = 9.2e12;
const day = 864e5;

/** A scalar as text; anything else is empty. A value's own toString is never called. */
function textOf(value) {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Reads moments as the server does: RFC 3339, `YYYY-MM-DD HH:MM[:SS]` in a zone, or a count of some unit since 1970. */
export class Times {
  constructor(unit = 's', zone = 'UTC', fold = 'reject') {
    this.scale = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 }[unit] ?? 1e3;
    this.fold = fold;
    this.days = new Map();
    try {
      if (zone !== 'UTC') this.format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch {
      this.format = undefined;  // this browser does not know the zone
    }
  }
  read(value) {
    const time = this.parse(value);
    return Math.abs(time) < farthest ? time : NaN;
  }
  parse(value) {
    if (typeof value === 'number') return value * this.scale;
    if (typeof value !== 'string') return NaN;
    const parts = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(?:([Zz])|([+-]\d\d):?(\d\d)?)?$/.exec(value);
    if (!parts) return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) * this.scale : NaN;
    const [, date, clock, utc, hours, minutes] = parts;
    const zone = hours ? `${hours}:${minutes ?? '00'}` : 'Z';
    const leap = clock.slice(5, 8) === ':60' ? 1000 : 0;
    const digits = leap ? `${clock.slice(0, 5)}:59` : clock.replace(',', '.').replace(/(\.\d{3})\d+/, '$1');
    const time = Date.parse(`${date}T${digits}${zone}`) + leap;
    return utc || hours || !this.format ? time : this.instant(time);
  }
  /** How far the zone's clocks are ahead at a moment. */
  offset(time) {
    const found = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(this.format.format(time));
    return found ? (found[1] === '-' ? -1 : 1) * (found[2] * 3600 + found[3] * 60 + Number(found[4] ?? 0)) * 1000 : 0;
  }
  /** The moment of a wall-clock time given as if it were UTC; NaN where clocks skip it, or show it twice without --fold. */
  instant(wall) {
    if (Number.isNaN(wall)) return NaN;
    const at = Math.floor(wall / day);
    if (!this.days.has(at)) {
      if (this.days.size > 5000) this.days.clear();
      this.days.set(at, [this.offset((at - 1) * day), this.offset((at + 2) * day)]);
    }
    const [before, after] = this.days.get(at);
    if (before === after) return wall - before;
    const found = [...new Set([before, after].filter((offset) => this.offset(wall - offset) === offset))].map((offset) => wall - offset);
    if (found.length < 2) return found[0] ?? NaN;
    return this.fold === 'first' ? Math.min(...found) : this.fold === 'last' ? Math.max(...found) : NaN;
  }
}

/** Times and values in the order of time; a value that comes again for its time replaces the one before. */
export class Series {
  constructor() {
    this.times = [];
    this.values = [];
  }
  add(time, value, most) {
    let at = this.times.length;
    while (at > 0 && this.times[at - 1] > time) --at;
    if (at > 0 && this.times[at - 1] === time) {
      this.values[at - 1] = value;
      return;
    }
    this.times.splice(at, 0, time);
    this.values.splice(at, 0, value);
    if (this.times.length > most) {
      this.times.shift();
      this.values.shift();
    }
  }
  get last() {
    return this.values.at(-1);
  }
}

/** Steps of a forecast that are drawn. */
const mostSteps = 500;

class Key {
  constructor(text) {
    this.text = text;
    this.series = new Map();
    this.texts = new Map();
    this.predictions = new Map();
    this.firing = new Map();
    this.time = NaN;
    this.advice = '';
    this.changed = true;
  }
}

export class Model {
  constructor() {
    this.keys = new Map();
    this.fields = [];
    this.alerts = [];
    this.firing = new Map();
    this.config = { by: [], points: 500, show: 50, most_keys: 20000, alerts: 500, rows: 500, units: {}, fields: [], stale_s: 900, time: 'timestamp' };
    this.times = new Times();
    this.version = 0;
    this.locations = new Locations();
    this.tables = [];
  }

  configure(config) {
    Object.assign(this.config, config);
    this.times = new Times(config.time_unit, config.tz, config.fold);
    this.tables = (config.tables ?? []).map(({ title, columns }) => ({ title, columns, rows: [], version: 0 }));
    this.coordinates = new Set(config.map?.coordinates);
  }

  /** A record's field by its path, as the server reads it. */
  static valueAt(record, path) {
    return Object.hasOwn(record, path) ? record[path] : path.split('.').reduce((inner, name) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name) ? inner[name] : undefined), record);
  }

  /** The first table whose fields the record has. */
  tableOf(record) {
    return this.tables.find(({ columns }) => columns.every(({ field, optional }) => optional || Model.valueAt(record, field) !== undefined));
  }

  keyText(record) {
    return this.config.by.map((path) => {
      const value = Object.hasOwn(record, path) ? record[path] : path.split('.').reduce((inner, name) => inner?.[name], record);
      return value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : textOf(value);
    }).join(', ');
  }

  /** The moment of a record; one without is of now, and `timeless`. */
  timeOf(record) {
    this.timeless = false;
    for (const name of [this.config.time, ...otherTimes]) {
      const time = Object.hasOwn(record, name) ? this.times.read(record[name]) : NaN;
      if (!Number.isNaN(time)) return time;
    }
    this.timeless = true;
    return Date.now();
  }

  /** Takes one record's line; returns what it was. `kept`: it is of a snapshot, with which the locations came too. */
  take(line, kept) {
    let record;
    try {
      record = JSON.parse(line);
    } catch {
      return 'unreadable';
    }
    if (typeof record !== 'object' || record === null) return 'unreadable';
    ++this.version;
    const what = this.takeRecord(record);
    if (!kept && this.config.map && what !== 'prediction') {
      const time = this.timeOf(record);
      this.locations.take(record, what, this.keyText(record), this.timeless ? NaN : time);
    }
    return what;
  }

  takeRecord(record) {
    if ((record.state === 'firing' || record.state === 'resolved') && textOf(record.rule) !== '') return this.takeAlert(record);
    const predicts = 'prediction' in record && typeof record.field === 'string';
    const table = predicts ? undefined : this.tableOf(record);
    if (table) {
      table.rows.push(record);
      if (table.rows.length > 2 * this.config.rows) table.rows = table.rows.slice(-this.config.rows);
      ++table.version;
      return 'row';
    }
    const text = this.keyText(record);
    let key = this.keys.get(text);
    if (!key) {
      if (this.keys.size >= this.config.most_keys) this.keys.delete(this.keys.keys().next().value);
      key = new Key(text);
      this.keys.set(text, key);
      this.keysVersion = (this.keysVersion ?? 0) + 1;
    }
    key.changed = true;
    if (predicts) return this.takePrediction(key, record);
    const time = this.timeOf(record);
    key.timeless ||= this.timeless;
    if (!(key.time > time)) key.time = time;
    key.heard = Date.now();
    if (typeof record.parameter === 'string' && typeof record.value === 'number') this.put(key, record.parameter, time, record.value);
    else this.putAll(key, record, time, '', 0);
    if (typeof record.advice === 'string') key.advice = record.advice;
    return 'reading';
  }

  putAll(key, record, time, before, depth) {
    for (const [name, value] of Object.entries(record)) {
      const field = before + name;
      if (reserved.has(name) || this.coordinates?.has(field) || field === this.config.time || otherTimes.includes(field) || this.config.by.includes(field)) continue;
      if (typeof value === 'number') this.put(key, field, time, value);
      else if (typeof value === 'boolean') {
        if (key.time === time) key.texts.set(field, String(value));
      } else if (typeof value === 'string') {
        if (field !== 'advice' && key.time === time) key.texts.set(field, value);
      } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < 3) this.putAll(key, value, time, `${field}.`, depth + 1);
    }
  }

  put(key, field, time, value) {
    if (!Number.isFinite(value)) return;
    let series = key.series.get(field);
    if (!series) {
      if (key.series.size >= 100) return;
      key.series.set(field, (series = new Series()));
      if (!this.fields.includes(field) && this.fields.length < 200) this.fields.push(field);
    }
    series.add(time, value, this.config.points);
  }

  /** The last prediction of a field. Those of one forecast have one `origin`, and make a path. */
  takePrediction(key, record) {
    if (!Number.isFinite(record.prediction)) return 'prediction';
    const point = { time: this.timeOf(record), value: record.prediction, low: record.low, high: record.high };
    const before = key.predictions.get(record.field);
    const goesOn = record.origin !== undefined && before?.origin === record.origin && point.time > before.time;
    const path = goesOn ? before.path : [];
    if (path.length < mostSteps) path.push(point);
    key.predictions.set(record.field, { ...point, origin: record.origin, path });
    return 'prediction';
  }

  takeAlert(record) {
    const text = this.keyText(record);
    const time = this.timeOf(record);
    const rule = textOf(record.rule);
    const alert = {
      key: text, time, timeless: this.timeless, rule, firing: record.state === 'firing', level: textOf(record.level), value: record.value,
      threshold: record.threshold, parameter: typeof record.parameter === 'string' ? record.parameter : '',
      message: typeof record.message === 'string' ? record.message : `${text}: ${rule}`,
    };
    const id = `${text}\n${rule}`;
    const same = this.alerts.findIndex((each) => each.key === text && each.rule === rule && each.time === time && each.firing === alert.firing);
    if (same < 0) {
      let at = this.alerts.length;
      while (at > 0 && this.alerts[at - 1].time > time) --at;
      this.alerts.splice(at, 0, alert);
      if (this.alerts.length > this.config.alerts) this.alerts.shift();
    }
    const before = this.firing.get(id);
    if (!before || before.time <= time) {
      if (alert.firing) this.firing.set(id, alert);
      else this.firing.delete(id);
    }
    const key = this.keys.get(text);
    if (key) key.changed = true;
    this.alertsVersion = (this.alertsVersion ?? 0) + 1;
    return same < 0 ? 'alert' : 'known';
  }

  firingOf(text) {
    let count = 0;
    for (const alert of this.firing.values()) if (alert.key === text) ++count;
    return count;
  }

  /** Fields in the order in which they are shown: those asked for, then as they were met. */
  orderedFields() {
    const wanted = this.config.fields.filter((field) => this.fields.includes(field));
    return [...wanted, ...this.fields.filter((field) => !wanted.includes(field))];
  }

  /** Before a snapshot: what it has again and cannot be told from what is here, for want of a time, goes. */
  prepareSnapshot() {
    for (const [text, key] of this.keys) if (key.timeless) this.keys.delete(text);
    for (const table of this.tables) table.rows = [];
    this.alerts = this.alerts.filter((each) => !each.timeless);
    for (const [id, alert] of this.firing) if (alert.timeless) this.firing.delete(id);
  }
}

/** How a series moves: change an hour over its last points, and its direction. */
export function trendOf(series) {
  const count = Math.min(series.times.length, 10);
  if (count < 3) return null;
  const times = series.times.slice(-count);
  const values = series.values.slice(-count);
  const meanTime = times.reduce((sum, each) => sum + each, 0) / count;
  const meanValue = values.reduce((sum, each) => sum + each, 0) / count;
  let above = 0;
  let below = 0;
  let spread = 0;
  for (let i = 0; i < count; ++i) {
    above += (times[i] - meanTime) * (values[i] - meanValue);
    below += (times[i] - meanTime) ** 2;
    spread += (values[i] - meanValue) ** 2;
  }
  if (below === 0) return null;
  const slope = above / below;
  const explained = spread === 0 ? 0 : (slope * above) / spread;
  const span = times[count - 1] - times[0];
  const direction = explained < 0.3 || Math.abs(slope * span) < 1e-3 * Math.max(1e-9, Math.abs(meanValue)) ? 'steady' : slope > 0 ? 'rising' : 'falling';
  return { direction, perHour: slope * 3.6e6, arrow: { steady: '→', rising: '↗', falling: '↘' }[direction] };
}

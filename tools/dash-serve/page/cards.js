// A card a key.
import { age, element, figure, guarded, length, nameOf, rate, setText, unitOf, withUnit } from './format.js';
import { trendOf } from './model.js';

const most = 60;
const collator = new Intl.Collator(undefined, { numeric: true });
/** Many keys are put in order again only now and then. */
const many = 2000;
const pause = 3000;  // ms

export class Cards {
  constructor(model, choice, choose) {
    this.model = model;
    this.choice = choice;
    this.choose = choose;
    this.cards = new Map();
    this.box = document.getElementById('cards');
  }

  /** Brings the page in step; `marks` gives the colour class of each chosen key. */
  draw(marks) {
    const { model, choice } = this;
    const search = choice.search.toLowerCase();
    const now0 = performance.now();
    const rests = model.keys.size > many && now0 - this.sorted < pause;
    if ((this.version !== model.keysVersion && !rests) || this.search !== search) {
      this.version = model.keysVersion;
      this.sorted = now0;
      this.search = search;
      const names = [...model.keys.keys()].filter((name) => name.toLowerCase().includes(search));
      names.sort(collator.compare);
      this.shown = names.slice(0, most);
      const left = (model.config.keys ?? 0) - model.keys.size;
      setText(document.getElementById('keys-count'), `${names.length > 1 ? names.length : ''}${left > 0 ? `; ${left} more that were quiet longer are left out` : ''}`);
      const more = document.getElementById('more');
      more.hidden = names.length <= most;
      setText(more, `${names.length - most} more; search for them.`);
      document.getElementById('search-label').hidden = model.keys.size <= 8;
      const wanted = new Set(this.shown);
      for (const [name, card] of this.cards)
        if (!wanted.has(name)) {
          card.root.remove();
          this.cards.delete(name);
        }
      this.shown.forEach((name, i) => {
        const card = this.cards.get(name) ?? this.make(name);
        if (this.box.children[i] !== card.root) this.box.insertBefore(card.root, this.box.children[i] ?? null);
      });
    }
    // A page of tables or of a map alone has no cards.
    const other = model.tables.some((each) => each.rows.length > 0) || model.locations.points.size > 0 || model.alerts.length > 0;
    document.getElementById('empty').hidden = model.keys.size > 0 || other;
    document.getElementById('cards-section').hidden = model.keys.size === 0 && other;
    const now = Date.now() + (this.clockAhead ?? 0);
    for (const name of this.shown ?? []) {
      const card = this.cards.get(name);
      const key = model.keys.get(name);
      if (!key) continue;
      const chosen = choice.keys.includes(name);
      card.root.classList.toggle('chosen', chosen);
      card.root.dataset.mark = marks.get(name) ?? '';
      card.name.setAttribute('aria-pressed', chosen);
      card.check.checked = chosen;
      const seconds = (now - key.time) / 1000;
      const stale = model.config.stale_s > 0 && seconds > model.config.stale_s;
      card.root.classList.toggle('stale', stale);
      setText(card.age, Number.isNaN(key.time) ? '' : stale ? `stale, ${age(seconds)}` : age(seconds));
      if (key.changed) guarded(name, () => this.fill(card, key));
      key.changed = false;
    }
  }

  make(name) {
    const card = {};
    card.name = element('button', { type: 'button', className: 'name', title: name }, name || this.model.config.title);
    card.name.onclick = () => this.choose(name, 'only');
    card.badge = element('span', { className: 'badge', hidden: true });
    card.age = element('span', { className: 'age' });
    card.big = element('span', { className: 'big' });
    card.unit = element('span', { className: 'unit' });
    card.trend = element('div', { className: 'trend' });
    card.value = document.createTextNode('');
    card.big.append(card.value, card.unit);
    card.spark = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    card.spark.setAttribute('class', 'spark');
    card.spark.setAttribute('viewBox', '0 0 100 34');
    card.spark.setAttribute('preserveAspectRatio', 'none');
    card.spark.setAttribute('aria-hidden', 'true');
    card.path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    card.spark.append(card.path);
    card.rest = element('p', { className: 'rest' });
    card.next = element('div', { className: 'next' });
    card.advice = element('p', { className: 'advice', hidden: true });
    card.check = element('input', { type: 'checkbox' });
    card.check.setAttribute('aria-label', `Compare ${name}`);
    card.check.onchange = () => this.choose(name, card.check.checked ? 'add' : 'remove');
    card.root = element('article', { className: 'card' },
      element('div', { className: 'head' }, card.name, card.badge, card.age),
      element('div', { className: 'figure' }, element('div', {}, card.big, card.trend), card.spark),
      element('div', {}, card.rest, card.next, card.advice),
      element('label', { className: 'compare' }, card.check, 'compare'));
    card.root.setAttribute('aria-label', name);
    this.cards.set(name, card);
    if (this.model.keys.get(name)) this.model.keys.get(name).changed = true;
    return card;
  }

  fill(card, key) {
    const { model } = this;
    const fields = model.orderedFields().filter((field) => key.series.has(field));
    const main = fields[0];
    const series = main && key.series.get(main);
    card.value.data = series ? figure(series.last) : '–';
    setText(card.unit, main ? unitOf(main, model.config.units) : '');
    card.big.setAttribute('aria-label', main ? `${nameOf(main)} ${withUnit(series.last, unitOf(main, model.config.units))}` : '');
    const trend = series && trendOf(series);
    setText(card.trend, trend ? (trend.direction === 'steady' ? `${trend.arrow} steady` : `${trend.arrow} ${trend.direction} ${rate(trend.perHour, unitOf(main, model.config.units))}`) : '');
    card.path.setAttribute('d', series ? sparkline(series) : '');
    const rest = fields.slice(1, 6).map((field) => element('span', {}, `${nameOf(field)} `, element('b', {}, withUnit(key.series.get(field).last, unitOf(field, model.config.units)))));
    // A bare `true` tells nothing without its name.
    for (const [field, text] of [...key.texts].slice(0, 2)) rest.push(element('span', {}, text === 'true' || text === 'false' ? `${nameOf(field)} ` : '', element('b', {}, text)));
    card.rest.replaceChildren(...rest);
    const next = [];
    for (const [field, last] of key.predictions) {
      const each = last.path.find((point) => point.time > key.time) ?? last;
      const unit = unitOf(field, model.config.units);
      const ahead = (each.time - key.time) / 1000;
      const band = typeof each.low === 'number' && typeof each.high === 'number' ? ` (${figure(each.low)} to ${figure(each.high)})` : '';
      next.push(element('div', {}, `${nameOf(field)} ${ahead > 0 ? `in ${length(ahead)}` : 'next'} `, element('b', {}, withUnit(each.value, unit)), band));
      if (next.length === 4) break;
    }
    card.next.replaceChildren(...next);
    card.advice.hidden = !key.advice;
    setText(card.advice, key.advice);
    const firing = model.firingOf(key.text);
    card.badge.hidden = firing === 0;
    setText(card.badge, firing === 1 ? 'alert' : `${firing} alerts`);
    card.root.classList.toggle('firing', firing > 0);
  }
}

function sparkline(series) {
  const values = series.values.slice(-40);
  if (values.length < 2) return '';
  const low = Math.min(...values);
  const high = Math.max(...values);
  const scale = high > low ? 30 / (high - low) : 0;
  return values.map((value, i) => `${i ? 'L' : 'M'}${((i * 100) / (values.length - 1)).toFixed(1)} ${(scale ? 32 - (value - low) * scale : 17).toFixed(1)}`).join('');
}

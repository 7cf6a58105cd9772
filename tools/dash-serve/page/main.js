// The page: puts the parts together.
import { AlertHistory, drawAlerts } from './alerts.js';
import { Cards } from './cards.js';
import { Charts } from './charts.js';
import { Choice } from './choice.js';
import { prepareControls } from './controls.js';
import { element, guarded, nameOf, setText, unitOf } from './format.js';
import { Link } from './link.js';
import { listenToMail, prepareMail } from './mail.js';
import { MapPanel } from './map-panel.js';
import { Model } from './model.js';
import { csvOf, download, drawTable } from './table.js';
import { Tables } from './tables.js';

const spans = [['', 'Last points'], ['15m', '15 minutes', 900], ['1h', '1 hour', 3600], ['6h', '6 hours', 21600], ['1d', '1 day', 86400], ['7d', '7 days', 604800], ['all', 'Everything kept']];
const mostCompared = 8;
const by = (id) => document.getElementById(id);

const model = new Model();
const choice = new Choice();
const cards = new Cards(model, choice, choose);
const charts = new Charts(model, (range) => {
  by('follow').setAttribute('aria-pressed', String(range === null));
  dirty = true;
});
const map = new MapPanel(model, (key) => choose(key, 'only'), frame);
const history = new AlertHistory(model);
const tables = new Tables(model);
let dirty = true;
let drawnVersion = -1;
let drawnAlerts = -1;
let drawnKeys = -1;
let begun = false;

/** Only this key; or add or remove it in a comparison. */
function choose(name, how) {
  if (how === 'only') choice.keys = [name];
  else if (how === 'add') choice.keys = [...choice.keys.filter((each) => each !== name), name].slice(-mostCompared);
  else choice.keys = choice.keys.filter((each) => each !== name);
  changed();
}

function changed() {
  choice.write();
  dirty = true;
  draw();  // at once: what a hand does is answered in the same moment
}

/** Each chosen key keeps its colour as long as it is chosen. */
const marks = new Map();
function updateMarks() {
  for (const name of [...marks.keys()]) if (!choice.keys.includes(name)) marks.delete(name);
  for (const name of choice.keys)
    if (!marks.has(name)) {
      const taken = new Set(marks.values());
      let mark = 0;
      while (taken.has(mark)) ++mark;
      marks.set(name, mark % 8);
    }
}

function span() {
  const found = spans.find(([id]) => id === choice.window);
  if (choice.window === 'all') return { all: true };
  return found?.[2] ? { seconds: found[2] } : { points: model.config.show };
}

function drawFields(fields) {
  const box = by('fields');
  const text = `${fields.join('\n')}|${[...choice.hidden].join('\n')}`;
  if (box.dataset.text === text) return;
  box.dataset.text = text;
  box.hidden = fields.length < 2;
  box.replaceChildren(...fields.slice(0, 30).map((field) => {
    const button = element('button', { type: 'button' }, nameOf(field));
    button.setAttribute('aria-pressed', String(!choice.hidden.has(field)));
    button.onclick = () => {
      if (!choice.hidden.delete(field)) choice.hidden.add(field);
      changed();
      [...box.children].find((each) => each.textContent === nameOf(field))?.focus();
    };
    return button;
  }));
}

function drawLegend() {
  const box = by('legend');
  box.hidden = choice.keys.length < 2;
  box.replaceChildren(...choice.keys.map((key) => {
    const item = element('span', {}, element('i'), key);
    item.dataset.mark = marks.get(key);
    return item;
  }));
}

function draw() {
  if (choice.keys.length === 0 && model.keys.size > 0 && begun) {
    const firing = model.firing.values().next().value?.key;
    const first = [...model.keys.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))[0];
    choice.keys = [firing !== undefined && model.keys.has(firing) ? firing : first];
    dirty = true;
  }
  updateMarks();
  cards.draw(marks);
  if (drawnAlerts !== model.alertsVersion) {
    drawnAlerts = model.alertsVersion;
    guarded('the alerts', () => drawAlerts(model));
    guarded('the history of alerts', () => history.draw());
    dirty = true;
  }
  if (drawnKeys !== model.keysVersion) {
    drawnKeys = model.keysVersion;
    prepareMail(model);
  }
  guarded('the tables', () => tables.draw());
  guarded('the map', () => map.draw(choice.keys));
  if (!dirty && drawnVersion === model.version) return;
  drawnVersion = model.version;
  dirty = false;
  const keys = choice.keys.filter((key) => model.keys.has(key));
  by('charts').hidden = keys.length === 0;
  if (keys.length === 0) return;
  const all = model.orderedFields().filter((field) => keys.some((key) => model.keys.get(key).series.has(field)));
  const fields = all.filter((field) => !choice.hidden.has(field));
  drawFields(all);
  drawLegend();
  const table = choice.view === 'table';
  by('plots').hidden = table;
  by('table').hidden = !table;
  by('moves').hidden = table;
  by('view-charts').setAttribute('aria-pressed', String(!table));
  by('view-table').setAttribute('aria-pressed', String(table));
  if (table) drawTable(by('table'), model, keys, fields, charts.range ?? charts.following(keys, fields, span()));
  else charts.draw(keys, fields, marks, span());
}

/** At most some frames a second, however fast the stream is. */
let scheduled = false;
let lastFrame = 0;
function frame() {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => requestAnimationFrame(() => {
    scheduled = false;
    lastFrame = performance.now();
    draw();
  }), Math.max(0, 200 - (performance.now() - lastFrame)));
}

for (const [id, text] of spans) by('window').append(element('option', { value: id }, text));
by('window').value = spans.some(([id]) => id === choice.window) ? choice.window : '';
by('window').onchange = () => {
  choice.window = by('window').value;
  charts.follow();
  changed();
};
by('view-charts').onclick = () => { choice.view = 'charts'; changed(); };
by('view-table').onclick = () => { choice.view = 'table'; changed(); };
by('earlier').onclick = () => { charts.move(-0.25); frame(); };
by('later').onclick = () => { charts.move(0.25); frame(); };
by('closer').onclick = () => { charts.move(0, 0.6); frame(); };
by('wider').onclick = () => { charts.move(0, 1 / 0.6); frame(); };
by('follow').onclick = () => { charts.follow(); frame(); };
by('plots').addEventListener('keydown', (event) => {
  const moves = { ArrowLeft: [-0.25], ArrowRight: [0.25], '+': [0, 0.6], '=': [0, 0.6], '-': [0, 1 / 0.6] };
  if (event.key === '0') charts.follow();
  else if (moves[event.key]) charts.move(...moves[event.key]);
  else return;
  event.preventDefault();
  frame();
});
by('search').value = choice.search;
by('search').oninput = () => { choice.search = by('search').value; changed(); };
by('download').onclick = () => {
  const keys = choice.keys.filter((key) => model.keys.has(key));
  const fields = model.orderedFields().filter((field) => !choice.hidden.has(field) && keys.some((key) => model.keys.get(key).series.has(field)));
  download(csvOf(model, keys, fields, charts.range ?? charts.following(keys, fields, span())), `${model.config.title.replace(/\W+/g, '-') || 'weir'}.csv`);
};
addEventListener('hashchange', () => {
  choice.read();
  by('window').value = choice.window;
  by('search').value = choice.search;
  dirty = true;
  frame();
});
listenToMail();

new Link({
  state(name, text) {
    by('state').dataset.state = name;
    setText(by('state-text'), text);
  },
  begin(config, locations) {
    model.prepareSnapshot();
    model.configure(config);
    model.locations.load(config.map, locations);
    tables.prepare();
    map.prepare(unitOf(config.map?.value ?? '', config.units));
    cards.clockAhead = Date.parse(config.now) - Date.now();
    document.title = config.title;
    setText(by('title'), config.title);
    by('window').options[0].textContent = `Last ${config.show} points`;
    prepareControls(config.controls ?? []);
  },
  record(line, kept) {
    const what = guarded('a record', () => model.take(line, kept));
    if (what === 'alert' && !kept) {
      const alert = model.alerts.at(-1);
      setText(by('alerts-status'), `${alert.firing ? 'Alert' : 'Resolved'}: ${alert.message}`);
    }
    frame();
  },
  ready() {
    begun = true;
    drawnKeys = -1;
    dirty = true;
    frame();
  },
});
setInterval(frame, 1000);

// Tables of records with a filter: the history of alerts, and those of --table.
import { element, moment, setText } from './format.js';

const most = 100;
const longest = 300;

/** A value as a cell shows it: text as it is, everything else as JSON. */
export function cellText(value) {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

export class RowsView {
  /** `columns`: {name, of(row), kind}: `time` is a moment in milliseconds, `choice` has a list to choose from, `number` stands on the right. */
  constructor(name, columns, pick) {
    this.columns = columns;
    this.pick = pick;
    this.choices = new Map();
    this.input = element('input', { type: 'search', placeholder: 'Filter', autocomplete: 'off' });
    this.input.setAttribute('aria-label', `Filter of ${name}`);
    this.input.oninput = () => this.show();
    this.selects = columns.filter((each) => each.kind === 'choice').map((column) => {
      const select = element('select', {}, element('option', { value: '' }, `Any ${column.name.toLowerCase()}`));
      select.setAttribute('aria-label', `${column.name} in ${name}`);
      select.onchange = () => this.show();
      return { column, select, known: new Set() };
    });
    this.count = element('p', { className: 'quiet' });
    this.count.setAttribute('role', 'status');
    this.box = element('div', { className: 'table', tabIndex: 0 });
    this.box.setAttribute('aria-label', name);
    this.box.setAttribute('role', 'region');
    this.root = element('div', { className: 'rows' }, element('div', { className: 'row' }, this.input, ...this.selects.map((each) => each.select), this.count), this.box);
  }

  /** `rows`, the newest first. */
  draw(rows) {
    this.rows = rows;
    for (const { column, select, known } of this.selects)
      for (const row of rows) {
        const text = cellText(column.of(row));
        if (text === '' || known.has(text) || known.size >= 50) continue;
        known.add(text);
        select.append(element('option', { value: text }, text));
      }
    this.show();
  }

  matches(row, wanted) {
    for (const { column, select } of this.selects) if (select.value !== '' && cellText(column.of(row)) !== select.value) return false;
    return wanted === '' || this.columns.some((column) => cellText(column.kind === 'time' ? moment(column.of(row)) : column.of(row)).toLowerCase().includes(wanted));
  }

  show() {
    const wanted = this.input.value.trim().toLowerCase();
    const found = (this.rows ?? []).filter((row) => this.matches(row, wanted));
    const shown = found.slice(0, most);
    setText(this.count, found.length > most ? `the latest ${most} of ${found.length}` : `${found.length}`);
    const head = element('tr', {}, ...this.columns.map((each) => element('th', { scope: 'col', className: each.kind === 'number' ? '' : 'text' }, each.name)));
    const body = element('tbody', {}, ...shown.map((row) => element('tr', { className: row.className ?? '' }, ...this.columns.map((column, i) => this.cell(row, column, i)))));
    this.box.replaceChildren(element('table', {}, element('thead', {}, head), body));
  }

  cell(row, column, i) {
    const value = column.of(row);
    const text = column.kind === 'time' ? (Number.isFinite(value) ? moment(value) : '') : cellText(value);
    const made = element('td', { className: column.kind === 'number' ? '' : 'text' });
    if (this.pick && i === 0) made.append(element('button', { type: 'button', className: 'plain', onclick: () => this.pick(row) }, text));
    else made.append(text);
    return made;
  }
}

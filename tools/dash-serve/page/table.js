// The same data as a table, and as a file.
import { element, figure, moment, nameOf, unitOf } from './format.js';

const mostRows = 500;

/** Times, newest first, and for each key and field a column. */
export function rowsOf(model, keys, fields, range) {
  const columns = [];
  const rows = new Map();
  for (const text of keys)
    for (const field of fields) {
      const series = model.keys.get(text)?.series.get(field);
      if (!series) continue;
      const column = columns.push({ key: text, field }) - 1;
      series.times.forEach((time, i) => {
        if (range && (time < range[0] || time > range[1])) return;
        if (!rows.has(time)) rows.set(time, []);
        rows.get(time)[column] = series.values[i];
      });
    }
  return { columns, rows: [...rows].sort((a, b) => b[0] - a[0]) };
}

export function drawTable(box, model, keys, fields, range) {
  const { columns, rows } = rowsOf(model, keys, fields, range);
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Time'));
  for (const { key, field } of columns) {
    const unit = unitOf(field, model.config.units);
    head.append(element('th', { scope: 'col' }, `${keys.length > 1 ? `${key}: ` : ''}${nameOf(field)}${unit ? `, ${unit}` : ''}`));
  }
  const body = element('tbody');
  for (const [time, values] of rows.slice(0, mostRows)) {
    const row = element('tr', {}, element('td', {}, moment(time)));
    columns.forEach((_, i) => row.append(element('td', {}, figure(values[i]))));
    body.append(row);
  }
  box.setAttribute('aria-label', `History of ${keys.join(', ')}`);
  box.replaceChildren(element('table', {}, element('thead', {}, head), body));
}

/** A cell of a CSV file (RFC 4180); text that a spreadsheet would take for a formula is kept from being one. */
function cell(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(model, keys, fields, range) {
  const names = model.config.by.length === 1 ? model.config.by[0] : 'key';
  const lines = [['time', names, ...fields].map(cell).join(',')];
  for (const text of keys) {
    const { columns, rows } = rowsOf(model, [text], fields, range);
    for (const [time, values] of rows.reverse())
      lines.push([new Date(time).toISOString(), text, ...fields.map((field) => values[columns.findIndex((each) => each.field === field)])].map(cell).join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

export function download(text, name) {
  const at = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  element('a', { href: at, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(at), 10000);
}

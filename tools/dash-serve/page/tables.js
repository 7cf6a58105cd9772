// The tables of --table: the last records that have their fields.
import { element } from './format.js';
import { Model } from './model.js';
import { RowsView } from './rows.js';

const times = new Set(['timestamp', 'time', 'ts', 'window_end', 'window_start', 'date']);
const choices = new Set(['level', 'state', 'channel', 'status', 'severity']);

export class Tables {
  constructor(model) {
    this.model = model;
    this.box = document.getElementById('tables');
    this.views = [];
  }

  /** One panel for each table of the settings. */
  prepare() {
    const text = JSON.stringify(this.model.config.tables ?? []);
    if (this.text === text) return;
    this.text = text;
    this.views = this.model.tables.map(({ title, columns }) => new RowsView(title, columns.map(({ field }) => this.column(field))));
    this.box.hidden = this.views.length === 0;
    this.box.replaceChildren(...this.views.map((view, i) => {
      const heading = element('h2', { id: `table-${i}` }, this.model.tables[i].title);
      const section = element('section', {}, element('div', { className: 'row' }, heading), view.root);
      section.setAttribute('aria-labelledby', heading.id);
      return section;
    }));
  }

  column(field) {
    const { model } = this;
    if (field === model.config.time || times.has(field)) return { name: field, kind: 'time', of: (record) => model.times.read(Model.valueAt(record, field)) };
    return { name: field, kind: choices.has(field.split('.').pop()) ? 'choice' : undefined, of: (record) => Model.valueAt(record, field) };
  }

  draw() {
    this.model.tables.forEach((table, i) => {
      const view = this.views[i];
      if (view.version === table.version && view.source === table) return;
      view.version = table.version;
      view.source = table;
      view.draw(table.rows.slice(-this.model.config.rows).reverse());
    });
  }
}

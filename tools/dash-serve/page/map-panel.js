// The map and its table on the page.
import { setText } from './format.js';
import { MapView } from './map.js';
import { RowsView } from './rows.js';

export class MapPanel {
  constructor(model, choose, redraw) {
    this.model = model;
    this.section = document.getElementById('map-section');
    this.buttons = [document.getElementById('map-view'), document.getElementById('map-table-view')];
    this.boxes = [document.getElementById('map-box'), document.getElementById('map-table')];
    this.view = new MapView(model, model.locations, choose, redraw);
    this.choose = choose;
    this.buttons.forEach((button, i) => {
      button.onclick = () => {
        this.buttons.forEach((each, k) => each.setAttribute('aria-pressed', String(k === i)));
        this.boxes.forEach((each, k) => { each.hidden = k !== i; });
        document.getElementById('map-moves').hidden = i === 1;
        this.drawn = '';
        redraw();
      };
    });
  }

  /** With a map it stands first, and the alerts after it. */
  prepare(unit) {
    const { map } = this.model.config;
    this.section.hidden = !map;
    if (!map) return;
    document.getElementById('cards-section').before(this.section, document.getElementById('alerts-section'));
    this.view.configure(map, unit);
    if (this.table) return;
    const number = (name, of) => ({ name, of, kind: 'number' });
    const columns = [{ name: 'Key', of: (row) => row.key }];
    if (map.label) columns.push({ name: 'Name', of: (row) => row.label });
    columns.push({ name: 'Alert', of: (row) => (row.alert ? row.alert.level || 'firing' : 'none'), kind: 'choice' });
    if (map.level) columns.push({ name: 'Level', of: (row) => row.level, kind: 'choice' });
    if (map.value) columns.push(number('Value', (row) => (Number.isNaN(row.value) ? undefined : row.value)));
    columns.push(number('Latitude', (row) => row.lat), number('Longitude', (row) => row.lon), { name: 'Time', of: (row) => row.time, kind: 'time' });
    this.table = new RowsView('the keys on the map', columns, (row) => this.choose(row.key));
    this.boxes[1].append(this.table.root);
  }

  draw(chosen) {
    const { model } = this;
    if (!model.config.map) return;
    const state = `${model.locations.version} ${model.alertsVersion} ${chosen.join('\n')}`;
    if (this.drawn === state) return;
    const choice = chosen.join('\n');
    if (performance.now() < this.view.next && this.choice === choice && this.drawn !== '') return;
    this.choice = choice;
    this.drawn = state;
    this.view.draw(chosen);
    if (this.boxes[1].hidden) return;
    this.table.draw(this.view.rows());
  }
}

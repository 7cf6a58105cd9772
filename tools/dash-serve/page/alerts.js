// The list of alerts, firing ones on top.
import { element, figure, guarded, length, moment, setText } from './format.js';
import { RowsView } from './rows.js';

const most = 40;

export function drawAlerts(model) {
  const firing = [...model.firing.values()].sort((a, b) => b.time - a.time);
  // A resolved alert is shown once, with its beginning.
  const past = [];
  const began = new Map();
  for (const alert of model.alerts) {
    const id = `${alert.key}\n${alert.rule}`;
    if (alert.firing) began.set(id, alert);
    else {
      past.unshift({ ...alert, began: began.get(id)?.time });
      began.delete(id);
    }
  }
  const shown = [...firing, ...past].slice(0, most);
  document.getElementById('alerts-section').hidden = shown.length === 0;
  setText(document.getElementById('alerts-count'), firing.length ? `${firing.length} firing` : 'none firing');
  document.getElementById('alerts').replaceChildren(...shown.map((alert) => guarded('an alert', () => {
    const fires = alert.firing;
    const lasted = alert.began !== undefined && alert.began < alert.time ? `, after ${length((alert.time - alert.began) / 1000)}` : '';
    const since = element('time', { dateTime: new Date(alert.time).toISOString() }, moment(alert.time) + lasted);
    const what = `${alert.key ? `${alert.key}: ` : ''}${alert.rule}`;
    const state = fires ? `▲ ${alert.level || 'firing'}` : '▼ resolved';
    const value = typeof alert.value === 'number' ? `value ${figure(alert.value)}${typeof alert.threshold === 'number' ? `, threshold ${figure(alert.threshold)}` : ''}` : '';
    return element('li', { className: fires ? 'firing' : 'past', title: alert.message }, element('span', {}, state), element('span', { className: 'what' }, what), element('span', { className: 'quiet' }, value), since);
  })).filter(Boolean));
}

/** The history: every alert kept, raised and cleared, the latest first. */
export class AlertHistory {
  constructor(model) {
    this.model = model;
    this.view = new RowsView('the history of alerts', [
      { name: 'Time', of: (alert) => alert.time, kind: 'time' },
      { name: 'Key', of: (alert) => alert.key },
      { name: 'Level', of: (alert) => alert.level, kind: 'choice' },
      { name: 'Rule', of: (alert) => alert.rule },
      { name: 'Value', of: (alert) => (typeof alert.value === 'number' ? figure(alert.value) : alert.value), kind: 'number' },
      { name: 'State', of: (alert) => (alert.firing ? 'raised' : 'cleared'), kind: 'choice' },
    ]);
    const box = document.getElementById('alerts-history');
    box.append(this.view.root);
    const list = document.getElementById('alerts');
    const buttons = [document.getElementById('alerts-now'), document.getElementById('alerts-all')];
    buttons.forEach((button, i) => {
      button.onclick = () => {
        box.hidden = i === 0;
        list.hidden = i === 1;
        buttons.forEach((each, k) => each.setAttribute('aria-pressed', String(k === i)));
        this.draw();
      };
    });
    this.box = box;
  }

  draw() {
    if (this.box.hidden) return;
    this.view.draw(this.model.alerts.map((alert) => ({ ...alert, className: alert.firing ? 'firing' : '' })).reverse());
  }
}

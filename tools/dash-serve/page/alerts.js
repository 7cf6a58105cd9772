// The list of alerts, firing ones on top.
import { element, figure, guarded, length, moment, setText } from './format.js';

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

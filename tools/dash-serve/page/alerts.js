// The list of alerts, firing ones on top.
import { element, figure, moment, setText } from './format.js';

const most = 40;

export function drawAlerts(model) {
  const firing = [...model.firing.values()].sort((a, b) => b.time - a.time);
  const past = model.alerts.filter((alert) => !firing.includes(alert)).reverse();
  const shown = [...firing, ...past].slice(0, most);
  document.getElementById('alerts-section').hidden = shown.length === 0;
  setText(document.getElementById('alerts-count'), firing.length ? `${firing.length} firing` : 'none firing');
  document.getElementById('alerts').replaceChildren(...shown.map((alert) => {
    const fires = firing.includes(alert);
    const since = element('time', { dateTime: new Date(alert.time).toISOString() }, moment(alert.time));
    const what = `${alert.key ? `${alert.key}: ` : ''}${alert.rule}`;
    const state = fires ? `▲ ${alert.level || 'firing'}` : alert.firing ? '▲ was firing' : '▼ resolved';
    const value = typeof alert.value === 'number' ? `value ${figure(alert.value)}${typeof alert.threshold === 'number' ? `, threshold ${figure(alert.threshold)}` : ''}` : '';
    return element('li', { className: fires ? 'firing' : 'past', title: alert.message }, element('span', {}, state), element('span', { className: 'what' }, what), element('span', { className: 'quiet' }, value), since);
  }));
}

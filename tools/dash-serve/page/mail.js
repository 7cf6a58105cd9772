// Joining the list of those who get the summary by mail.
import { element, setText } from './format.js';

export function prepareMail(model) {
  const section = document.getElementById('mail');
  section.hidden = !model.config.subscribe;
  if (section.hidden) return;
  const box = document.getElementById('mail-keys');
  const chosen = new Set([...box.querySelectorAll('input:checked')].map((each) => each.value));
  const names = [...model.keys.keys()].sort((a, b) => a.localeCompare(b)).slice(0, 200);
  box.replaceChildren(...names.map((name) => element('label', {}, element('input', { type: 'checkbox', name: 'city', value: name, checked: chosen.has(name) }), name)));
}

export function listenToMail() {
  const form = document.getElementById('subscribe');
  const status = document.getElementById('mail-status');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    fields.set('timezone', Intl.DateTimeFormat().resolvedOptions().timeZone ?? '');
    setText(status, 'One moment…');
    status.className = '';
    try {
      const answer = await fetch('subscribe', { method: 'POST', body: fields });
      const { message } = await answer.json();
      setText(status, message);
      status.className = answer.ok ? '' : 'bad';
      if (answer.ok) form.email.value = '';
    } catch {
      setText(status, 'That did not work: no connection.');
      status.className = 'bad';
    }
  });
}

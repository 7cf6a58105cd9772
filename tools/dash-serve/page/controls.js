// Sliders by which a visitor may turn the pipeline's knobs, where whoever runs it offers some.
import { element, setText } from './format.js';

export function prepareControls(list) {
  const box = document.getElementById('controls');
  box.hidden = list.length === 0;
  const text = JSON.stringify(list);
  if (box.dataset.text === text) return;
  box.dataset.text = text;
  box.replaceChildren(...list.map((each) => {
    const shown = element('output', {}, String(each.value));
    const slider = element('input', { type: 'range', min: each.least, max: each.most, step: each.step, value: each.value, name: each.name });
    slider.oninput = () => setText(shown, slider.value);
    slider.onchange = async () => {
      const body = new URLSearchParams({ name: each.name, value: slider.value });
      const answer = await fetch('control', { method: 'POST', body }).catch(() => null);
      if (!answer?.ok) setText(shown, `${slider.value} (not taken)`);
    };
    return element('label', {}, element('span', {}, each.label), shown, slider);
  }));
}

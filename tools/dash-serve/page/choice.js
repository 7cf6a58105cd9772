// What the visitor chose; it lives in the address, so that a link shows the same.

export class Choice {
  constructor() {
    this.read();
  }

  read() {
    const words = new URLSearchParams(location.hash.slice(1));
    this.keys = words.getAll('key');
    this.hidden = new Set(words.getAll('hide'));
    this.view = words.get('view') === 'table' ? 'table' : 'charts';
    this.window = words.get('show') ?? '';
    this.search = words.get('search') ?? '';
  }

  write() {
    const words = new URLSearchParams();
    for (const key of this.keys) words.append('key', key);
    for (const field of this.hidden) words.append('hide', field);
    if (this.view !== 'charts') words.set('view', this.view);
    if (this.window) words.set('show', this.window);
    if (this.search) words.set('search', this.search);
    const hash = words.toString();
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  }
}

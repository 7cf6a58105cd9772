// What the visitor chose; it lives in the address, so that a link shows the same.

export class Choice {
  constructor() {
    this.read();
  }

  read() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    this.keys = parameters.getAll('key');
    this.hidden = new Set(parameters.getAll('hide'));
    this.view = parameters.get('view') === 'table' ? 'table' : 'charts';
    this.window = parameters.get('show') ?? '';
    this.search = parameters.get('search') ?? '';
  }

  write() {
    const parameters = new URLSearchParams();
    for (const key of this.keys) parameters.append('key', key);
    for (const field of this.hidden) parameters.append('hide', field);
    if (this.view !== 'charts') parameters.set('view', this.view);
    if (this.window) parameters.set('show', this.window);
    if (this.search) parameters.set('search', this.search);
    const hash = parameters.toString();
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  }
}

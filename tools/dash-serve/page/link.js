// The connection: a snapshot of what is kept, then the stream; comes back by itself.

/**
 * Calls: state(name, text), begin(config, map) before a snapshot's records, record(line), ready() after a snapshot.
 * Each frame of the stream has a number, counted from the greeting; a snapshot has its number of frames, so that none is
 * taken twice or missed.
 */
export class Link {
  constructor(calls) {
    this.calls = calls;
    this.tries = 0;
    this.connect();
    addEventListener('online', () => this.retryNow());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.retryNow());
  }

  connect() {
    clearTimeout(this.timer);
    const at = new URL('ws?hello=1', location.href);
    at.protocol = at.protocol.replace('http', 'ws');
    at.hash = '';
    const socket = new WebSocket(at);
    this.socket = socket;
    this.waiting = [];
    this.ready = false;
    socket.onmessage = (event) => this.socket === socket && this.take(event.data);
    socket.onclose = () => this.socket === socket && this.lost();
  }

  take(text) {
    if (text.startsWith('{"@ctl":')) return this.takeNotice(JSON.parse(text));
    const number = this.next++;
    if (this.ready) this.calls.record(text);
    else this.waiting.push([number, text]);
  }

  takeNotice(notice) {
    switch (notice['@ctl']) {
      case 'hello':
        this.next = notice.records;
        this.fetchSnapshot();
        break;
      case 'skipped':
        this.next += notice.records;
        this.calls.state('live', `Live; ${notice.records} records were skipped, this browser was slow`);
        if (this.ready) {
          this.ready = false;
          this.fetchSnapshot();
        }
        break;
      case 'end':
        this.ended = true;
        this.calls.state('ended', 'The stream has ended');
        break;
    }
  }

  async fetchSnapshot() {
    const socket = this.socket;
    try {
      const answer = await fetch('api/snapshot', { cache: 'no-store' });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const lines = (await answer.text()).split('\n');
      if (this.socket !== socket) return;
      const config = JSON.parse(lines[0]);
      const map = config.map ? await (await fetch('api/map', { cache: 'no-store' })).json() : null;
      if (this.socket !== socket) return;
      this.calls.begin(config, map);
      for (let i = 1; i < lines.length; ++i) if (lines[i]) this.calls.record(lines[i], 'kept');
      for (const [number, line] of this.waiting) if (number >= config.records) this.calls.record(line);
      this.waiting = [];
      this.ready = true;
      this.everReady = true;
      this.tries = 0;
      this.ended = config.ended;
      this.calls.ready();
      this.calls.state(config.ended ? 'ended' : 'live', config.ended ? 'The stream has ended' : 'Live');
    } catch {
      if (this.socket === socket) socket.close();
    }
  }

  lost() {
    const wait = Math.min(10, 0.5 * 2 ** this.tries++) * (0.7 + 0.6 * Math.random());
    this.calls.state('lost', this.everReady ? 'Connection lost; what was drawn stays. Trying again…' : 'No connection. Trying again…');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), wait * 1000);
  }

  retryNow() {
    if (this.socket.readyState === WebSocket.CLOSED) this.connect();
  }
}

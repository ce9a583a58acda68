// The browser's side of memoscape-web: keeps a connection, applies updates to the page, and tells
// the server what people do. What a node looks like is in elements.js and widgets.js.
//
// An event keeps its number until the server says that a run has seen it; until then the widget
// shows what the person did, whatever the server says. Events that were on their way when the
// connection broke are sent again.
import {elementKinds, themeCharts} from './elements.js';
import {widgetKinds, unknownWidget} from './widgets.js';

const MAIN = 1, SIDEBAR = 2;
const PACE = 100;        // ms between two events
const PATIENCE = 400;    // ms to wait for the answer before the next event goes out all the same
const BUSY_AFTER = 200;  // ms before the page says that it is running

const byId = (id) => document.getElementById(id);

// --- the page

const nodes = new Map();  // id -> {id, kind, el, slot, parent, kids, view, localSeq}

function rootNode(id, el) {
  nodes.set(id, {id, kind: 'root', el, slot: el, kids: [], view: {}, localSeq: 0});
}

function clearPage() {
  for (const node of nodes.values()) node.view.destroy?.();
  nodes.clear();
  byId('main').replaceChildren();
  byId('sidebar').replaceChildren();
  rootNode(MAIN, byId('main'));
  rootNode(SIDEBAR, byId('sidebar'));
}

function makeNode({id, kind, props, value}) {
  const isWidget = value !== undefined;
  const node = {id, kind, isWidget, kids: [], localSeq: 0};
  const make = isWidget ? widgetKinds[kind] ?? unknownWidget : elementKinds[kind] ?? elementKinds.unknown;
  node.view = make(app, node, props, value);
  node.el = node.view.el;
  node.slot = node.view.slot ?? node.el;
  node.el.classList.add('node', `kind-${kind}`);
  node.el.dataset.node = id;
  nodes.set(id, node);
  return node;
}

function dropNode(id) {
  const node = nodes.get(id);
  if (!node) return;
  node.view.destroy?.();
  nodes.delete(id);
  for (const kid of node.kids) dropNode(kid);
}

// Only what has to move does: an element that is moved loses the focus.
function placeKids(node, ids) {
  const wanted = new Set(ids);
  for (const id of node.kids) {
    if (wanted.has(id)) continue;
    nodes.get(id)?.el.remove();
    dropNode(id);
  }
  node.kids = ids;
  let at = node.slot.firstElementChild;
  for (const id of ids) {
    const kid = nodes.get(id);
    kid.parent = node;
    if (kid.el === at) {
      at = at.nextElementSibling;
    } else {
      node.slot.insertBefore(kid.el, at);
    }
  }
  node.view.placed?.(ids.map((id) => nodes.get(id)));
}

const spread = (list) => list.flatMap((one) => typeof one === 'number' ? [one]
  : Array.from({length: one[1] - one[0] + 1}, (_, i) => one[0] + i));

function keepFocus(change) {
  const focused = document.activeElement;
  const from = focused?.selectionStart, to = focused?.selectionEnd;
  change();
  if (!focused || focused === document.activeElement || !focused.isConnected) return;
  focused.focus({preventScroll: true});
  if (from != null) try { focused.setSelectionRange(from, to); } catch { /* not of text */ }
}

let isFirstPage = true;

function applyUpdate(update) {
  if (update.reset) clearPage();
  app.isReplay = Boolean(update.reset) && !isFirstPage;
  for (const one of update.new ?? []) makeNode(one);
  for (const [id, props] of update.set ?? []) nodes.get(id)?.view.update?.(props);
  for (const [id, value] of update.val ?? []) {
    const node = nodes.get(id);
    if (node && update.ack >= node.localSeq) node.view.setValue?.(value);
  }
  for (const [id, list] of update.kids ?? []) {
    const node = nodes.get(id);
    if (node) placeKids(node, spread(list));
  }
  for (const el of document.querySelectorAll('.stale')) el.classList.remove('stale');
  for (const id of update.stale ?? []) nodes.get(id)?.el.classList.add('stale');
  for (const [kind, text] of update.notices ?? []) app.toast(text, kind);
  const hasSidebar = nodes.get(SIDEBAR).kids.length > 0;
  if (byId('sidebar-toggle').hidden === hasSidebar) {
    byId('sidebar-toggle').hidden = !hasSidebar;
    showSidebar(hasSidebar && !isNarrow.matches);
  }
  if (update.kids?.length) isFirstPage = false;
  const title = document.querySelector('.kind-title');
  if (title) document.title = title.textContent;
}

// --- the connection

let socket = null;
let sessionId = '';
let rev = 0;
let tries = 0;
let isOver = false;

function connect() {
  if (isOver || socket) return;
  const url = new URL('/session', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const mine = socket = new WebSocket(url);
  mine.onopen = () => {
    const query = [...new URLSearchParams(location.search)].slice(0, 64);
    mine.send(JSON.stringify({hello: {session: sessionId, rev, query}}));
  };
  mine.onmessage = ({data}) => { if (mine === socket) received(JSON.parse(data)); };
  mine.onclose = ({code, reason}) => { if (mine === socket) closed(code, reason); };
}

function received(update) {
  tries = 0;
  byId('lost').hidden = true;
  document.body.classList.remove('is-lost');
  if (update.session) sessionId = update.session;
  const isAgain = wasLost;
  wasLost = false;
  rev = update.rev;
  acked = Math.max(acked, update.ack);
  unacked = unacked.filter((event) => event.seq > update.ack);
  keepFocus(() => applyUpdate(update));
  setBusy(Boolean(update.busy) || unacked.length > 0);
  if (isAgain) for (const event of unacked) sendNow(event);
  schedule();
  document.body.dataset.ready = update.busy ? '' : 'yes';
  document.body.dataset.ack = update.busy ? document.body.dataset.ack ?? 0 : update.ack;
}

let wasLost = false;

function closed(code, reason) {
  socket = null;
  wasLost = true;
  setBusy(false);
  document.body.classList.add('is-lost');
  if (code === 4000 || code === 4001) {
    isOver = true;
    showLost(reason || 'This session has ended.', 'Start again', () => location.reload());
    return;
  }
  const wait = Math.min(10_000, 300 * 2 ** tries) * (0.75 + Math.random() / 2);
  if (++tries > 1 || code !== 1001) {
    showLost(reason && code !== 1001 ? reason : 'The connection is lost. Trying to get it back …',
             'Try now', connect);
  }
  setTimeout(connect, wait);
}

function showLost(text, action, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn btn-sm btn-light';
  button.textContent = action;
  button.onclick = act;
  byId('lost').replaceChildren(text, button);
  byId('lost').hidden = false;
}

// --- what people do

let lastSeq = 0;
let acked = 0;
let unacked = [];            // events that no run has seen, in order
const waiting = new Map();   // node id -> value, not sent yet
let sentAt = 0;
let timer = null;

function sendNow(event) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({event}));
}

function emit(set, click) {
  const event = {seq: ++lastSeq, set};
  if (click) event.click = click;
  for (const [id] of set) if (nodes.has(id)) nodes.get(id).localSeq = event.seq;
  unacked.push(event);
  sentAt = performance.now();
  sendNow(event);
  setBusy(true);
}

function takeWaiting() {
  const set = [...waiting];
  waiting.clear();
  return set;
}

// Sends what waits at a human pace: not before the last event was answered, or has had its time.
function schedule() {
  clearTimeout(timer);
  if (waiting.size === 0) return;
  const wait = sentAt + (unacked.length > 0 ? PATIENCE : PACE) - performance.now();
  if (wait > 0) {
    timer = setTimeout(schedule, wait);
  } else {
    emit(takeWaiting());
  }
}

const formOf = (node) => {
  for (let one = node.parent; one; one = one.parent) if (one.kind === 'form') return one;
  return null;
};

const app = {
  isReplay: false,  // the page is shown again, not for the first time
  get session() { return sessionId; },
  // The person set a widget. `isOver`: not in the middle of a movement.
  change(node, value) {
    node.localSeq = Infinity;
    const form = formOf(node);
    if (form) {
      (form.changes ??= new Map()).set(node.id, value);
      return;
    }
    waiting.set(node.id, value);
    schedule();
  },
  click(node) {
    const form = formOf(node);
    const set = takeWaiting();
    if (form?.changes) {
      set.push(...[...form.changes].filter(([id]) => nodes.has(id)));
      form.changes.clear();
    }
    emit(set, node.id);
  },
  // A widget whose every value is news, like a message: nothing waits.
  say(node, value) {
    emit([...takeWaiting(), [node.id, value]]);
  },
  // Enter in a form: its first submit button.
  submit(node) {
    const form = formOf(node);
    form?.el.querySelector('.kind-form_submit_button button:not(:disabled)')?.click();
  },
  inForm: (node) => formOf(node) !== null,
  toast,
};

// --- messages

function toast(text, kind = 'info', icon = '') {
  const box = document.createElement('div');
  box.className = `toast-box toast-${kind}`;
  box.setAttribute('role', kind === 'error' ? 'alert' : 'status');
  const words = document.createElement('div');
  words.textContent = icon ? `${icon} ${text}` : text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'btn-close';
  close.setAttribute('aria-label', 'Close');
  close.onclick = () => box.remove();
  box.append(words, close);
  const all = byId('toasts');
  all.append(box);
  while (all.childElementCount > 5) all.firstElementChild.remove();
  let left = setTimeout(() => box.remove(), kind === 'error' ? 12_000 : 5000);
  box.onmouseenter = box.onfocusin = () => clearTimeout(left);
  box.onmouseleave = () => { left = setTimeout(() => box.remove(), 3000); };
}

let busyTimer = null;
function setBusy(isBusy) {
  if (!isBusy) {
    clearTimeout(busyTimer);
    busyTimer = null;
    byId('status').textContent = '';
    byId('stop').hidden = true;
    document.body.classList.remove('is-busy');
  } else if (!busyTimer) {
    busyTimer = setTimeout(() => {
      byId('status').textContent = 'Running …';
      byId('stop').hidden = false;
      document.body.classList.add('is-busy');
    }, BUSY_AFTER);
  }
}

// --- the frame around the page

const isNarrow = matchMedia('(max-width: 50rem)');
function showSidebar(isShown) {
  byId('sidebar').hidden = !isShown;
  byId('sidebar-toggle').setAttribute('aria-expanded', String(isShown));
}
byId('sidebar-toggle').onclick = () => showSidebar(byId('sidebar').hidden);
byId('stop').onclick = () => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({stop: true}));
};

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId('theme').setAttribute('aria-pressed', String(theme === 'dark'));
  themeCharts();
}
let chosen = null;
try { chosen = localStorage.getItem('memoscape-theme'); } catch { /* not allowed here */ }
setTheme(chosen ?? (prefersDark.matches ? 'dark' : 'light'));
prefersDark.onchange = () => { if (!chosen) setTheme(prefersDark.matches ? 'dark' : 'light'); };
byId('theme').onclick = () => {
  chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try { localStorage.setItem('memoscape-theme', chosen); } catch { /* for this page only */ }
  setTheme(chosen);
};

addEventListener('online', connect);
document.addEventListener('visibilitychange', () => { if (!document.hidden) connect(); });
clearPage();
connect();

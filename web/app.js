'use strict';

// The live table. Values come over one event stream; whatever is old or simulated says so.

const OLD_AFTER_MS = 10_000;
const rows = new Map();
const names = new Map();  // trading symbol by key
const counts = {ticks: 0, conflated: 0, lost: 0};
const element = (id) => document.getElementById(id);
let stream = null;

function cell(row, text, className) {
  const td = document.createElement('td');
  td.textContent = text;
  if (className) td.className = className;
  row.append(td);
}

function price(value) {
  return value === undefined || value === 0 ? '' : value.toFixed(2);
}

function draw(entry) {
  const {tick, row} = entry;
  const best = tick.depth[0] || {};
  const change = tick.change === undefined ? '' : (tick.change > 0 ? '+' : '') + tick.change.toFixed(2);
  row.replaceChildren();
  row.title = tick.key;
  cell(row, names.get(tick.key) || tick.key);
  cell(row, price(tick.ltp));
  cell(row, change, tick.change > 0 ? 'up' : tick.change < 0 ? 'down' : '');
  cell(row, price(best.bid_price));
  cell(row, price(best.ask_price));
  cell(row, tick.volume || '');
  cell(row, tick.open_interest || '');
  cell(row, '');
  drawAge(entry);
}

function drawAge({tick, row}) {
  const age = Math.max(0, Date.now() - tick.updated_at);
  row.lastElementChild.textContent = age < 1000 ? 'now' : `${Math.round(age / 1000)} s`;
  row.classList.toggle('old', Boolean(tick.stale) || age > OLD_AFTER_MS);
}

function onTick(event) {
  const tick = JSON.parse(event.data);
  let entry = rows.get(tick.key);
  if (!entry) {
    entry = {row: element('ticks').insertRow()};
    rows.set(tick.key, entry);
  }
  entry.tick = tick;
  counts.ticks += 1;
  element('simulated').hidden = ![...rows.values()].some((each) => each.tick.simulated);
  draw(entry);
}

function showState(text, stale) {
  const state = element('connection');
  state.textContent = text;
  state.classList.toggle('stale', stale);
}

function follow(symbols) {
  if (stream) stream.close();
  rows.clear();
  element('ticks').replaceChildren();
  element('message').textContent = '';
  const list = symbols.map((each) => each.trim()).filter(Boolean);
  if (list.length === 0) return;
  stream = new EventSource(`/api/v1/market/stream?symbols=${encodeURIComponent(list.join(','))}`);
  stream.addEventListener('tick', onTick);
  stream.addEventListener('status', (event) => {
    const state = JSON.parse(event.data);
    showState(state.stale ? `${state.connection}: values are old` : state.connection, state.stale);
  });
  stream.addEventListener('conflated', (event) => { counts.conflated += JSON.parse(event.data).count; });
  stream.addEventListener('lost', (event) => { counts.lost += JSON.parse(event.data).count; });
  stream.onerror = async () => {
    showState('disconnected: values are old', true);
    if (stream.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
    const answer = await fetch(stream.url, {headers: {Accept: 'application/json'}}).catch(() => null);
    const problem = answer && !answer.ok ? (await answer.json()).errors[0] : null;
    if (answer && answer.status === 401) return askForKey(problem);
    element('message').textContent = problem ? problem.message : 'The gateway does not answer.';
  };
}

// Without a key that is good the gateway lets nobody look: asks for one.
function askForKey(problem) {
  element('key-form').hidden = false;
  element('message').textContent = problem.error_code === 'KEY_MISSING' ? 'This page needs an API key.' : problem.message;
  showState('no key', true);
}

async function read(path) {
  const answer = await fetch(path).catch(() => null);
  if (answer && answer.status === 401) askForKey((await answer.json()).errors[0]);
  return answer && answer.ok ? answer.json() : null;
}

// The gateway keeps the key in a cookie that no script can read; it ends with the browser.
async function useKey(event) {
  event.preventDefault();
  const answer = await fetch('/api/v1/session', {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({key: element('key').value.trim()}),
  }).catch(() => null);
  element('key').value = '';
  if (!answer || !answer.ok) {
    element('message').textContent = answer ? (await answer.json()).errors[0].message : 'The gateway does not answer.';
    return;
  }
  element('key-form').hidden = true;
  element('message').textContent = '';
  showLogin();
  start();
}

// What is subscribed, and with it the names of the instruments.
async function subscriptions() {
  const answer = await read('/api/v1/websocket/subscriptions');
  const list = answer ? answer.subscriptions : [];
  list.forEach((each) => names.set(each.instrument_key, each.trading_symbol));
  return list;
}

async function showLogin() {
  const answer = await read('/api/v1/auth/status');
  const login = answer ? answer.data : {state: 'unknown'};
  const valid = login.state === 'logged_in';
  const until = new Date(login.expires_ms).toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'});
  element('login').textContent = valid ? `${login.broker_user_id}, logged in until ${until}` : login.state.replace('_', ' ');
  element('log-in').hidden = valid;
}

async function start() {
  const wanted = new URLSearchParams(location.search).get('symbols');
  if (wanted) {
    element('symbols').value = wanted;
    follow(wanted.split(','));
    await subscriptions();
    return;
  }
  const list = await subscriptions();
  if (!element('key-form').hidden) return;  // without a key there is nothing to show
  const symbols = list.slice(0, 20).map((each) => each.instrument_key);
  element('symbols').value = symbols.join(', ');
  if (symbols.length === 0) showState('nothing is subscribed yet', true);
  follow(symbols);
}

element('follow').addEventListener('submit', (event) => {
  event.preventDefault();
  follow(element('symbols').value.split(','));
  subscriptions();
});
element('key-form').addEventListener('submit', useKey);
setInterval(() => {
  rows.forEach(drawAge);
  element('counts').textContent =
    `${counts.ticks} ticks, ${counts.conflated} conflated, ${counts.lost} lost`;
}, 500);
setInterval(showLogin, 60_000);
showLogin();
start();

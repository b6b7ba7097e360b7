// The broker's official Node SDK does a trading morning against sauda-sim. See ./run, which makes the world it needs.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import test, {after} from 'node:test';
import {gunzipSync} from 'node:zlib';

const sdk = createRequire(import.meta.url)('upstox-js-sdk');

const kApp = {
  clientId: 'sim-key',
  clientSecret: 'sim-secret',
  redirectUri: 'http://127.0.0.1:8080/callback',
};
const kIndex = 'NSE_INDEX|Nifty 50';
const kShare = 'NSE_EQ|INE002A01018';
const kWaitMs = 20_000;

/** Calls an SDK method that takes a callback last. */
function call(api, method, ...args) {
  return new Promise((resolve, reject) => {
    api[method](...args, (error, data, response) => {
      if (error) reject(new Error(`${method}: ${response?.text ?? error.message}`));
      else resolve(data);
    });
  });
}

/** Everything a streamer has received, and a way to wait for more of it. */
class Received {
  messages = [];
  #waiting = [];

  constructor(streamer) {
    streamer.on('message', (data) => {
      const message = JSON.parse(data.toString('utf-8'));
      if (message === null) return;  // the SDK says so until it has loaded its .proto file
      this.messages.push(message);
      this.#waiting = this.#waiting.filter((look) => !look());
    });
    streamer.on('error', (error) => this.messages.push({error: String(error)}));
  }

  /** The first message at or after `from` that `wanted` likes. */
  find(what, wanted, from = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.messages.slice(from).find(wanted);
        if (found) {
          clearTimeout(timer);
          resolve(found);
        }
        return found;
      };
      const timer = setTimeout(() => {
        const last = JSON.stringify(this.messages.slice(-3)).slice(0, 1_500);
        reject(new Error(`no ${what} within ${kWaitMs} ms; the last messages: ${last}`));
      }, kWaitMs);
      if (!look()) this.#waiting.push(look);
    });
  }

  /** The first live feed of `key` that `wanted` likes. */
  async feed(what, key, wanted, from = 0) {
    const message = await this.find(
      what, (m) => m.type === 'live_feed' && m.feeds?.[key] && wanted(m.feeds[key]), from);
    return message.feeds[key];
  }
}

const opened = (streamer) => new Promise((resolve, reject) => {
  streamer.on('open', resolve);
  streamer.on('error', reject);
});

function end(streamer) {
  streamer.autoReconnect(false);
  streamer.disconnect();
}

let option;
let market;
let feed;
let portfolio;
let orders;

after(() => {
  for (const streamer of [market, portfolio]) if (streamer) end(streamer);
});

test('the instrument file is had from the assets host', async () => {
  const answer =
    await fetch('https://assets.upstox.com/market-quote/instruments/exchange/NSE.json.gz');
  assert.equal(answer.status, 200);
  let bytes = Buffer.from(await answer.arrayBuffer());
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
  const records = JSON.parse(bytes.toString());
  assert.ok(records.length > 50_000, `${records.length} records`);
  assert.ok(records.some((record) => record.instrument_key === kShare));
  option = records.find((record) => record.trading_symbol.startsWith('NIFTY 26000 CE'))
    ?.instrument_key;
  assert.ok(option, 'an option of the index is listed');
});

test('a code is exchanged for a token, once', async () => {
  const dialog = new URLSearchParams({
    client_id: kApp.clientId,
    redirect_uri: kApp.redirectUri,
    response_type: 'code',
    state: 'a state',
  });
  const page = await fetch(`https://api.upstox.com/v2/login/authorization/dialog?${dialog}`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /SIMULATION/);
  const approved = await fetch('https://api.upstox.com/v2/login/authorization/dialog', {
    method: 'POST',
    body: dialog,
    redirect: 'manual',
  });
  assert.equal(approved.status, 302);
  const callback = new URL(approved.headers.get('location'));
  assert.equal(callback.searchParams.get('state'), 'a state');

  const exchange = {
    ...kApp,
    code: callback.searchParams.get('code'),
    grantType: 'authorization_code',
  };
  const token = await call(new sdk.LoginApi(), 'token', '2.0', exchange);
  assert.ok(token.accessToken);
  assert.equal(token.broker, 'UPSTOX');
  sdk.ApiClient.instance.authentications.OAUTH2.accessToken = token.accessToken;
  await assert.rejects(call(new sdk.LoginApi(), 'token', '2.0', exchange), /UDAPI/);
});

test('the profile and the funds are read', async () => {
  const user = new sdk.UserApi();
  const profile = await call(user, 'getProfile', '2.0');
  assert.equal(profile.status, 'success');
  assert.ok(profile.data.exchanges.includes('NSE'));
  const funds = await call(user, 'getUserFundMargin', '2.0', {});
  assert.equal(funds.status, 'success');
  assert.ok(funds.data.equity.availableMargin > 0);
});

test('ltpc streams for all keys', async () => {
  market = new sdk.MarketDataStreamerV3([kIndex, kShare, option], 'ltpc');
  feed = new Received(market);
  const open = opened(market);
  await market.connect();
  await open;
  const snapshot = await feed.find('snapshot', (m) => m.type === undefined && m.feeds?.[kShare]);
  assert.ok(snapshot.feeds[kIndex].ltpc.ltp > 0);
  for (const key of [kIndex, kShare, option]) {
    const live = await feed.feed(`live ltpc of ${key}`, key, (f) => f.ltpc);
    assert.ok(live.ltpc.ltp > 0);
    assert.ok(live.ltpc.cp > 0);
    assert.ok(Number(live.ltpc.ltt) > 1_765_737_000_000);
  }
});

test('the mode is changed to full and to option_greeks', async () => {
  market.changeMode([kShare], 'full');
  market.changeMode([option], 'option_greeks');
  const {fullFeed, requestMode} = await feed.feed('full feed', kShare, (f) => f.fullFeed);
  assert.equal(requestMode, 'full_d5');
  const full = fullFeed.marketFF;
  assert.equal(full.marketLevel.bidAskQuote.length, 5);
  assert.ok(full.marketLevel.bidAskQuote[0].bidP < full.marketLevel.bidAskQuote[0].askP);
  assert.deepEqual(full.marketOHLC.ohlc.map((bar) => bar.interval), ['1d', 'I1']);
  assert.ok(Number(full.vtt) > 0);
  const greeks = await feed.feed('greeks', option, (f) => f.firstLevelWithGreeks);
  assert.equal(greeks.requestMode, 'option_greeks');
  const first = greeks.firstLevelWithGreeks;
  assert.ok(first.optionGreeks.delta > 0 && first.optionGreeks.delta < 1);
  assert.ok(first.optionGreeks.theta < 0);
  assert.ok(first.iv > 0);
  assert.ok(first.oi > 0);
});

test('an unsubscribed key is silent while the others go on', async () => {
  market.unsubscribe([kIndex]);
  // What was on its way may still come; later, nothing does.
  const settled = feed.messages.length;
  await feed.feed('update after the unsubscribe', kShare, () => feed.messages.length > settled + 20,
    settled);
  const from = feed.messages.length;
  await feed.feed('many more updates', kShare, () => feed.messages.length > from + 60, from);
  assert.ok(!feed.messages.slice(from).some((m) => m.feeds?.[kIndex]), 'the index still streams');
});

test('the portfolio stream opens', async () => {
  portfolio = new sdk.PortfolioDataStreamer(true, true, true, true);
  orders = new Received(portfolio);
  const open = opened(portfolio);
  await portfolio.connect();
  await open;
});

const api = () => new sdk.OrderApiV3();
const update = (id, status, more = () => true) => orders.find(
  `order update ${status}`,
  (m) => m.update_type === 'order' && m.order_id === id && m.status === status && more(m));

function order({price, type = 'LIMIT', quantity = 10}) {
  const request = sdk.PlaceOrderV3Request;
  return new request(quantity, request.ProductEnum.D, request.ValidityEnum.DAY, price, kShare,
    request.OrderTypeEnum[type], request.TransactionTypeEnum.BUY, 0, 0, false);
}

test('an order is placed, modified and cancelled, and each step is told', async () => {
  const seen = await feed.feed('the price', kShare, (f) => f.fullFeed);
  const bid = seen.fullFeed.marketFF.marketLevel.bidAskQuote[0].bidP;
  const low = Math.round(bid * 0.97 * 10) / 10;
  const placed = await call(api(), 'placeOrder', order({price: low}), {});
  assert.equal(placed.status, 'success');
  const [id] = placed.data.orderIds;
  const resting = await update(id, 'open');
  assert.equal(resting.price, low);
  assert.equal(resting.pending_quantity, 10);
  assert.equal(resting.instrument_key, kShare);

  const lower = Math.round((low - 0.5) * 10) / 10;
  const modify = sdk.ModifyOrderRequest.constructFromObject({
    order_id: id, order_type: 'LIMIT', price: lower, trigger_price: 0, validity: 'DAY',
    quantity: 20, disclosed_quantity: 0,
  });
  const modified = await call(api(), 'modifyOrder', modify);
  assert.equal(modified.data.orderId, id);
  await update(id, 'modified');
  await update(id, 'open', (m) => m.price === lower && m.quantity === 20);

  const cancelled = await call(api(), 'cancelOrder', id);
  assert.equal(cancelled.data.orderId, id);
  const last = await update(id, 'cancelled');
  assert.equal(last.filled_quantity, 0);
  const details = await call(new sdk.OrderApi(), 'getOrderStatus', {orderId: id});
  assert.equal(details.data.status, 'cancelled');
});

test('an order that meets the market is filled and becomes a position', async () => {
  const seen = await feed.feed('the price', kShare, (f) => f.fullFeed);
  const ask = seen.fullFeed.marketFF.marketLevel.bidAskQuote[0].askP;
  const price = Math.round(ask * 1.01 * 10) / 10;
  const placed = await call(api(), 'placeOrder', order({price, quantity: 1}), {});
  const filled = await update(placed.data.orderIds[0], 'complete');
  assert.equal(filled.filled_quantity, 1);
  assert.ok(filled.average_price > 0 && filled.average_price <= price);
  await orders.find('position update',
    (m) => m.update_type === 'position' && m.instrument_key === kShare && m.quantity === 1);
});

test('an order that does not exist is refused with the broker\'s code', async () => {
  await assert.rejects(call(api(), 'cancelOrder', '251215000000000'), /UDAPI100010/);
});

test('a token is worth nothing after the logout', async () => {
  await call(new sdk.LoginApi(), 'logout', '2.0');
  await assert.rejects(call(new sdk.UserApi(), 'getProfile', '2.0'), /UDAPI100050/);
});

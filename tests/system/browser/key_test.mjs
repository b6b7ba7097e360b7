// The page of a gateway where everybody needs a key: it asks for one, says what is wrong with it, shows live ticks with a
// good one, and never keeps it where a script could read it. Argument: the gateway's address; the key is in
// SAUDA_TEST_KEY.
import {inBrowser} from './browser.mjs';

const gateway = process.argv[2];
const key = process.env.SAUDA_TEST_KEY;
await inBrowser(async (page, complaints) => {
  await page.goto(gateway);
  const form = page.locator('#key-form');
  const message = page.locator('#message');
  await form.waitFor();
  await message.filter({hasText: 'needs an API key'}).waitFor();
  if (await page.locator('#ticks tr').count()) complaints.push('ticks are shown without a key');

  await page.fill('#key', `sauda_0000000000000000_${'A'.repeat(43)}`);
  await form.locator('button').click();
  await message.filter({hasNotText: 'needs an API key'}).filter({hasText: /\S/}).waitFor();
  if (!(await form.isVisible())) complaints.push('a wrong key is taken');

  await page.fill('#key', key);
  await form.locator('button').click();
  await page.locator('#ticks tr[title="NSE_INDEX|Nifty 50"]').waitFor();
  await form.waitFor({state: 'hidden'});
  await page.locator('#login', {hasText: 'logged in until'}).waitFor();
  const readable = await page.evaluate(() => document.cookie + JSON.stringify({...localStorage, ...sessionStorage}));
  if (readable.includes(key.split('_')[2])) complaints.push('a script can read the key');
  if ((await page.content()).includes(key)) complaints.push('the key is in the page');

  // A reload goes on with it.
  await page.reload();
  await page.locator('#ticks tr[title="NSE_INDEX|Nifty 50"]').waitFor();
  if (await form.isVisible()) complaints.push('the page asks again after a reload');
}, (text) => text.includes('401'));
console.log('the page asked for a key and took a good one');

// Opens the gateway's page and watches the live table move. Argument: the gateway's address.
import {inBrowser} from './browser.mjs';

const gateway = process.argv[2];
await inBrowser(async (page, complaints) => {
  await page.goto(gateway);

  // The subscribed keys are followed without a word from the user, each with its trading symbol and a price.
  const row = page.locator('#ticks tr[title="NSE_INDEX|Nifty 50"]');
  const price = () => row.locator('td').nth(1).textContent();
  await row.waitFor();
  const first = await price();
  if (!/^\d+\.\d\d$/.test(first)) complaints.push(`the last price is shown as "${first}"`);
  // It moves without a reload.
  const until = Date.now() + 20_000;
  while ((await price()) === first) {
    if (Date.now() > until) throw new Error(`the price stayed at ${first} for 20 s`);
    await page.waitForTimeout(100);
  }
  const name = await row.locator('td').nth(0).textContent();
  if (name === '' || name.includes('|')) complaints.push(`the instrument is named "${name}"`);
  // Who is logged in is told for how long, and not asked to log in.
  await page.locator('#login', {hasText: 'logged in until'}).waitFor();
  if (await page.locator('#log-in').isVisible()) complaints.push('the page asks for a login that is there');
  if (await page.locator('#key-form').isVisible()) complaints.push('the page asks for a key that nobody needs');
  // Whatever is simulated says so.
  if (!(await page.locator('#simulated').isVisible())) complaints.push('the page does not say SIMULATED');
});
console.log('the page showed live, simulated ticks');

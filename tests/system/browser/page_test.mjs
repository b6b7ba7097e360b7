// Opens the gateway's page in Chromium and watches the live table move. Argument: the gateway's address.
// Ends with 77 (skipped) when there is no Chromium.
import {existsSync} from 'node:fs';
import {chromium} from 'playwright-core';

const gateway = process.argv[2];
const executablePath = '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  console.log('no Chromium here: apt-get install chromium');
  process.exit(77);
}

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const complaints = [];
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
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
  // Whatever is simulated says so.
  if (!(await page.locator('#simulated').isVisible())) complaints.push('the page does not say SIMULATED');
} finally {
  await browser.close();
}
if (complaints.length) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
console.log('the page showed live, simulated ticks');

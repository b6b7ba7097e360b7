// A page in Chromium for a test. Ends the process with 77 (skipped) when there is no Chromium.
import {existsSync} from 'node:fs';
import {chromium} from 'playwright-core';

// Runs `test(page, complaints)`; what it adds to the complaints, and what the page's console does, fails it.
// `ignore` says which of the console's errors are expected.
export async function inBrowser(test, ignore = () => false) {
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
      if (message.type() === 'error' && !ignore(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await test(page, complaints);
  } finally {
    await browser.close();
  }
  if (complaints.length) {
    console.error(complaints.join('\n'));
    process.exit(1);
  }
}

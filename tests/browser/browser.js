// Debian's Chromium, driven by Playwright: what every browser test begins with.
import {chromium} from 'playwright-core';

const kFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: kFlags,
});

// A page that keeps what should not happen: `page.trouble` lists console errors, exceptions, and
// requests for which `allowed(url)` is not true.
export const openPage = async (browser, {allowed = () => false, ...options} = {}) => {
  const context = await browser.newContext({viewport: {width: 1360, height: 900}, ...options});
  const page = await context.newPage();
  page.trouble = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.trouble.push('console: ' + message.text());
  });
  page.on('pageerror', (error) => page.trouble.push('exception: ' + error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && !allowed(url)) page.trouble.push('request: ' + url.slice(0, 200));
  });
  return page;
};

// The app in the browser, as people use it: with mouse and keyboard. What is asserted is what they
// see, and on the server the log of executions.
//
// Usage: EVERYTHING_APP=... MEMOSCAPE_APP=... node --test tests/browser/app.test.js
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {launch, openPage} from './browser.js';
import {Server, Wire} from './server.js';

let browser, server;
before(async () => {
  browser = await launch();
  server = await Server.start(process.env.EVERYTHING_APP, ['0']);
});
after(async () => {
  await browser?.close();
  server?.child.stdin.end();  // it checks its invariants, and ends
  assert.deepEqual(await server?.ended, {code: 0, signal: null}, server?.lines.join('\n'));
});

const shots = process.env.SCREENSHOTS;

// A tab with the app; when the test ends it must have shown no trouble.
async function open(t, {at = server, ...options} = {}) {
  const page = await openPage(browser, {allowed: (url) => url.startsWith(at.url) || url.startsWith('blob:'), ...options});
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(page.trouble, []);
  });
  page.setDefaultTimeout(10_000);
  await page.goto(at.url);
  await settled(page);
  return page;
}

// The page shows what the last thing that was done led to.
const settled = (page) => page.locator('body[data-ready=yes]').waitFor();
const says = (page, text) => page.getByText(text, {exact: true}).waitFor();

// Presses the thumb of a slider and moves it to a share of its track; the mouse stays down.
async function drag(page, slider, from, ...to) {
  const box = await slider.boundingBox();
  const x = (share) => box.x + 9 + (box.width - 18) * share;
  const y = box.y + box.height / 2;
  await page.mouse.move(x(from), y);
  await page.mouse.down();
  for (const share of to) await page.mouse.move(x(share), y, {steps: 4});
  await page.mouse.up();
}

test('a slider dragged with the mouse executes once per position, and nothing on the way back', async (t) => {
  const page = await open(t);
  await says(page, 'cached gives 5');
  server.take();
  const slider = page.getByRole('slider', {name: 'Cached slider'});
  await drag(page, slider, 0.5, 0.8);
  await says(page, 'cached gives 8');
  const there = server.take();
  assert.equal(there.at(-1), 'cached 8 ');
  await drag(page, slider, 0.8, 0.5);
  await says(page, 'cached gives 5');
  const back = server.take();
  // Positions that it only passed may be new; those that were visited are not executed again.
  for (const line of back) assert.ok(!there.includes(line) && line !== 'cached 5 ', line);
  await drag(page, slider, 0.5, 0.8);
  await says(page, 'cached gives 8');
  assert.ok(!server.take().includes('cached 8 '));
  assert.equal(await slider.inputValue(), '8');
});

test('a second tab with the defaults executes nothing, and two tabs do not mix', async (t) => {
  const first = await open(t);
  await first.getByRole('slider', {name: 'Cached slider'}).press('ArrowRight');
  await says(first, 'cached gives 6');
  server.take();
  const second = await open(t);
  await says(second, 'cached gives 5');
  assert.deepEqual(server.take(), []);
  await second.getByLabel('Name', {exact: true}).fill('Bob');
  await second.getByLabel('Name', {exact: true}).press('Enter');
  await says(second, 'name is Bob');
  await says(first, 'name is ');
  await says(first, 'cached gives 6');
});

test('a box that is ticked makes another widget appear, by keyboard too', async (t) => {
  const page = await open(t);
  const box = page.getByRole('checkbox', {name: 'Cached box'});
  await box.focus();
  await page.keyboard.press('Space');
  const text = page.getByLabel('Cached text');
  await text.waitFor();
  assert.ok(await box.evaluate((el) => el === document.activeElement), 'the box keeps the focus');
  await text.fill('xyz');
  await text.press('Enter');
  await says(page, 'cached gives 5xyz');
  assert.ok(await text.evaluate((el) => el === document.activeElement), 'the text keeps the focus');
  server.take();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await says(page, 'cached gives 5');
  assert.equal(await text.count(), 0);
  assert.deepEqual(server.take(), [], 'the path without the text was visited');
});

test('choosing by keyboard', async (t) => {
  const page = await open(t);
  const select = page.getByLabel('Theme');
  await select.focus();
  await page.keyboard.press('ArrowDown');
  await says(page, 'theme is rain');
  await page.getByRole('radio', {name: 'one'}).focus();
  await page.keyboard.press('ArrowDown');
  await says(page, 'radio is two');
  const slider = page.getByRole('slider', {name: 'Size'});
  await slider.press('End');
  await says(page, 'size is XL');
  assert.equal(await slider.getAttribute('aria-valuetext'), 'XL');
  await page.getByRole('button', {name: 'Multiselect'}).press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await says(page, 'multiselect is red+green');
  await page.keyboard.press('Escape');
  const tab = page.getByRole('tab', {name: 'Widgets'});
  await tab.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('A caption').waitFor();
  assert.equal(await page.getByRole('tab', {name: 'Elements'}).getAttribute('aria-selected'), 'true');
});

test('every other widget does what it says', async (t) => {
  const page = await open(t);
  await page.getByRole('button', {name: 'Press'}).click();
  await says(page, 'button is pressed');
  await page.getByRole('switch', {name: 'Toggle'}).click();
  await says(page, 'toggle is on');
  await says(page, 'button is not pressed');
  await page.getByRole('button', {name: 'wet'}).click();
  await says(page, 'pills is wet');
  await page.getByRole('button', {name: 'wet'}).click();
  await says(page, 'pills is nothing');
  await page.getByRole('button', {name: 'b', exact: true}).click();
  await page.getByRole('button', {name: 'c', exact: true}).click();
  await says(page, 'several pills is b+c');
  await page.getByRole('button', {name: 'year'}).click();
  await says(page, 'segment is year');
  await page.getByRole('button', {name: '4 of 5'}).click();
  await says(page, 'feedback is 3');
  await page.getByRole('slider', {name: 'Share'}).press('ArrowRight');
  await says(page, 'share is 0.75');
  await page.getByRole('slider', {name: 'Range, to'}).press('ArrowRight');
  await says(page, 'range is 20 to 61');
  await page.getByRole('slider', {name: 'End'}).press('ArrowLeft');
  await says(page, `end is ${17 * 3600 - 900}`);
  assert.ok(await page.getByRole('slider', {name: 'Disabled'}).isDisabled());
  await page.getByLabel('Rows').fill('12');
  await page.getByLabel('Rows').press('Enter');
  await says(page, 'rows is 12');
  await page.getByLabel('Day').fill('2026-01-15');
  await says(page, 'day is 15');
  await page.getByLabel('Start').fill('09:45');
  await says(page, `start is ${9 * 3600 + 45 * 60}`);
  await page.getByLabel('Colour').fill('#ff8800');
  await says(page, 'colour is #ff8800');
  await page.getByLabel('Notes').fill('one\ntwo');
  await page.getByLabel('Notes').blur();
  await page.getByText('notes is one').waitFor();
  await page.getByLabel('Say something').fill('hello');
  await page.keyboard.press('Enter');
  await says(page, 'chat is hello');
  assert.equal(await page.getByLabel('Say something').inputValue(), '');
  const download = page.waitForEvent('download');
  await page.getByRole('link', {name: 'Download'}).click();
  assert.equal((await download).suggestedFilename(), 'hello.txt');
});

test('a form waits for its button', async (t) => {
  const page = await open(t);
  await page.getByLabel('Count').fill('3');
  await page.getByLabel('What').fill('tea');
  await page.getByLabel('Name', {exact: true}).fill('Ann');
  await page.getByLabel('Name', {exact: true}).press('Enter');
  await says(page, 'name is Ann');
  await says(page, 'order is 1 ');
  assert.equal(await page.getByLabel('Count').inputValue(), '3', 'what was typed stays');
  await page.getByRole('button', {name: 'Order'}).click();
  await says(page, 'order is 3 tea, sent now');
});

test('cells are edited, rows come and go', async (t) => {
  const page = await open(t);
  await page.getByLabel('age, row 1').fill('32');
  await page.keyboard.press('Tab');
  await says(page, 'editor is 3 rows, first age 32');
  assert.equal(await page.getByLabel('height, row 1').evaluate((el) => el === document.activeElement), true);
  await page.getByRole('button', {name: 'Add a row'}).click();
  await says(page, 'editor is 4 rows, first age 32');
  await page.getByRole('button', {name: 'Delete row 1'}).click();
  await says(page, 'editor is 3 rows, first age 45');
});

test('files are uploaded; what does not fit is refused with words', async (t) => {
  const page = await open(t);
  const input = page.getByRole('button', {name: 'File', exact: true});
  await input.setInputFiles({name: 'ä.txt', mimeType: 'text/plain', buffer: Buffer.from('0123456789')});
  await says(page, 'file is ä.txt (10 bytes)');
  await input.setInputFiles({name: 'big.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2000)});
  await page.getByRole('alert').filter({hasText: 'too large'}).waitFor();
  await input.setInputFiles({name: 'a.exe', mimeType: 'text/plain', buffer: Buffer.from('1')});
  await page.getByRole('alert').filter({hasText: 'is of none of its types'}).waitFor();
  await says(page, 'file is ä.txt (10 bytes)');
  await page.getByLabel('Or choose a picture').setInputFiles({name: 'p.png', mimeType: 'image/png', buffer: Buffer.from('123')});
  await says(page, 'camera is p.png (3 bytes)');
  await page.getByRole('button', {name: 'Remove', exact: true}).first().click();
  await says(page, 'file is nothing');
});

test('an upload inside a cached function shows its error where it stands', async (t) => {
  const page = await open(t);
  await page.getByRole('tab', {name: 'Trouble'}).click();
  await page.getByRole('checkbox', {name: 'Upload inside a cached function'}).click();
  const alert = page.locator('#main .kind-exception');
  await alert.waitFor();
  assert.match(await alert.textContent(), /file_uploader/);
});

test('an error of the script is told, and does no harm', async (t) => {
  const page = await open(t);
  await page.getByRole('tab', {name: 'Trouble'}).click();
  await page.getByRole('checkbox', {name: 'Throw'}).click();
  await page.locator('#main .kind-exception').getByText('it was thrown <b>on purpose</b>').waitFor();
  await page.locator('#toasts').getByText('it was thrown <b>on purpose</b>').waitFor();
  await page.getByRole('checkbox', {name: 'Throw'}).click();
  await page.locator('#main .kind-exception').waitFor({state: 'detached'});
  await page.getByRole('button', {name: 'Toast'}).click();
  await page.locator('#toasts').getByText('Here is a toast').waitFor();
});

test('a spinner while a function executes; a newer interaction stops it', async (t) => {
  const page = await open(t);
  server.take();
  const slider = page.getByRole('slider', {name: 'Slow slider'});
  await slider.press('ArrowRight');
  await page.getByRole('status').getByText('Thinking slowly ...').waitFor();
  await page.getByText('Running …').waitFor();
  await page.locator('.stale').first().waitFor();
  assert.ok(await slider.evaluate((el) => el === document.activeElement), 'the slider keeps the focus');
  await slider.press('End');
  await page.waitForFunction(() => document.querySelector('.kind-spinner') !== null);
  while (!server.lines.some((line) => line.includes('stopped'))) await new Promise((go) => setTimeout(go, 10));
  server.go();
  await says(page, 'slow gives 100');
  assert.equal(await page.locator('.kind-spinner').count(), 0);
  assert.equal(await page.locator('.stale').count(), 0);
  const log = server.take();
  assert.equal(log.filter((line) => line === 'slow was stopped').length, 1, log.join());
  assert.equal(log.at(-1), 'slow 100');
});

test('a lost connection comes back to its session', async (t) => {
  const wire = await Wire.to(server);
  t.after(() => wire.close());
  const page = await open(t, {at: wire});
  const slider = page.getByRole('slider', {name: 'Cached slider'});
  await slider.press('Home');
  await says(page, 'cached gives 0');
  server.take();
  wire.cut();
  await page.getByText('The connection is lost').waitFor();
  await slider.press('ArrowRight');  // while nobody hears it
  wire.mend();
  await page.getByRole('button', {name: 'Try now'}).click();
  await says(page, 'cached gives 1');
  await page.getByText('The connection is lost').waitFor({state: 'hidden'});
  assert.equal(await slider.inputValue(), '1');
  page.trouble = page.trouble.filter((line) => !/WebSocket connection to .* failed/.test(line));
});

test('nothing a script shows acts as markup, and links lead only where links may', async (t) => {
  const page = await open(t);
  await page.getByRole('tab', {name: 'Elements'}).click();
  await page.getByText('Plain text: <b>not bold</b>').waitFor();
  assert.equal(await page.locator('#main a[href^="javascript"]').count(), 0);
  assert.equal(await page.getByRole('link', {name: 'a link'}).getAttribute('href'), 'https://example.org');
  const policy = (await page.request.get(server.url)).headers()['content-security-policy'];
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|https:/);
});

test('a word that is wider than the page does not make it wider', async (t) => {
  const page = await open(t);
  const [words, width, room] = await page.evaluate(() => {
    let words = 0;
    const texts = document.createTreeWalker(document.querySelector('.frame'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (texts.currentNode.data.trim() === '') continue;
      texts.currentNode.data = 'w'.repeat(300);
      ++words;
    }
    return [words, document.documentElement.scrollWidth, document.documentElement.clientWidth];
  });
  assert.ok(words > 50, `${words} words`);
  assert.equal(width, room);
});

test('charts have names, and their data as a table', async (t) => {
  const page = await open(t);
  await page.getByRole('tab', {name: 'Charts'}).click();
  await page.getByRole('img', {name: 'Lines: up, down'}).waitFor();
  await page.locator('.chart-data summary').first().click();
  await page.getByRole('cell', {name: '6.5'}).first().waitFor();
});

test('the theme is chosen, and kept', async (t) => {
  const page = await open(t, {colorScheme: 'dark'});
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await page.getByRole('button', {name: 'Dark mode'}).click();
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
});

test('in the inspector an entry is cleared, and a limit takes effect at once', async (t) => {
  let app;
  try {
    app = await Server.start(process.env.EVERYTHING_APP, ['0', '--inspector']);
  } catch (error) {
    if (!error.message.includes('memoscape-report')) throw error;
    return t.skip('built without memoscape-report');
  }
  t.after(async () => {
    app.child.stdin.end();
    assert.deepEqual(await app.ended, {code: 0, signal: null});
  });
  const page = await open(t, {at: app});
  const slider = page.getByRole('slider', {name: 'Cached slider'});
  await slider.press('ArrowRight');
  await says(page, 'cached gives 6');
  assert.deepEqual(app.take(), ['cached 5 ', 'slow 0', 'cached 6 ']);

  const inspector = await openPage(browser, {allowed: (url) => url.startsWith(app.url)});
  t.after(() => assert.deepEqual(inspector.trouble, []));
  await inspector.clock.install({time: 0});
  await inspector.clock.pauseAt(1000);  // from here on only the test moves it
  await inspector.goto(`${app.url}/memoscape`);
  await inspector.getByText(/^Live, as of/).waitFor();
  await inspector.getByLabel('Search').fill('cached slider=6');
  await inspector.clock.runFor(100);
  const rows = inspector.locator('#permutations tbody tr[data-id]');
  await rows.nth(1).waitFor({state: 'detached'});
  assert.equal(await rows.count(), 1);
  await rows.first().getByRole('button').first().click();
  // The page is made anew every few seconds: not under the mouse, and the focus stays.
  const clear = inspector.getByRole('button', {name: 'Clear this entry'});
  await clear.focus();
  const madeAnew = async () => {  // or held back, while the button is down
    const live = await inspector.locator('#live').textContent();
    await inspector.clock.fastForward(10_000);
    await inspector.getByText(live, {exact: true}).waitFor({state: 'detached'});
  };
  await madeAnew();
  assert.ok(await clear.evaluate((button) => button === document.activeElement));
  await clear.scrollIntoViewIfNeeded();
  const box = await clear.boundingBox();
  await inspector.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await inspector.mouse.down();
  await madeAnew();
  await inspector.mouse.up();
  await inspector.clock.runFor(1);
  await rows.waitFor({state: 'detached'});
  await slider.press('ArrowLeft');
  await says(page, 'cached gives 5');
  assert.deepEqual(app.take(), []);
  await slider.press('ArrowRight');
  await says(page, 'cached gives 6');
  assert.deepEqual(app.take(), ['cached 6 ']);

  // The limits that cannot be set here are shown, and stay.
  assert.match(await inspector.getByRole('row', {name: /^cached /}).innerText(), /500 entries/);
  const limit = inspector.getByLabel('max_bytes of cached', {exact: true});
  await limit.fill('1 B');
  await limit.press('Enter');
  let cached;
  do {
    const {report} = await (await inspector.request.get(`${app.url}/memoscape/report.json`)).json();
    cached = report.functions.find((one) => one.name === 'cached');
  } while (cached.limits.max_bytes !== 1);
  assert.equal(cached.permutations, 0);
  assert.equal(cached.limits.max_entries, 500);
  await slider.press('ArrowLeft');
  await says(page, 'cached gives 5');
  assert.deepEqual(app.take(), ['cached 5 ']);
});

test('there is no inspector where it was not asked for', async (t) => {
  const page = await open(t);
  for (const path of ['/memoscape', '/memoscape/report.json']) {
    assert.equal((await page.request.get(server.url + path)).status(), 404);
  }
});

test('the rain explorer opens, is used, and ends with Ctrl-C', async (t) => {
  const app = await Server.start(process.env.MEMOSCAPE_APP, ['--port', '0', '--log']);
  t.after(() => app.child.kill('SIGKILL'));
  const page = await open(t, {at: app});
  await page.getByText('Seattle rain explorer').waitFor();
  await page.getByRole('radio', {name: 'wet days'}).click();
  await page.getByRole('slider', {name: 'Wet from (mm)'}).waitFor();
  await page.getByText('Wet days in a median year').waitFor();
  await settled(page);
  const executed = app.errors.length;
  await page.getByRole('radio', {name: 'total rain'}).click();
  await page.getByText('Rain in a median year').waitFor();
  assert.equal(app.errors.length, executed, app.errors.join('\n'));
  assert.equal(await page.title(), 'Seattle rain explorer');
  await page.close();
  assert.deepEqual(await app.stop('SIGINT'), {code: 0, signal: null});
});

test('screenshots, to be looked at', {skip: !shots}, async (t) => {
  const app = await Server.start(process.env.MEMOSCAPE_APP, ['--port', '0', '--inspector']);
  t.after(() => app.stop());
  for (const [name, options] of Object.entries({
    light: {colorScheme: 'light'}, dark: {colorScheme: 'dark'},
    phone: {colorScheme: 'light', viewport: {width: 390, height: 844}, deviceScaleFactor: 2},
  })) {
    for (const [which, at] of [['rain', app], ['everything', server]]) {
      const page = await open(t, {at, ...options});
      await page.waitForTimeout(700);  // for the charts to come to rest
      await page.screenshot({path: `${shots}/${which}-${name}.png`, fullPage: true});
      if (which === 'rain') {
        for (let i = 0; i < 6; ++i) {
          await page.getByRole('slider', {name: 'Years'}).press(i % 4 < 2 ? 'ArrowRight' : 'ArrowLeft');
          await page.waitForTimeout(500);
        }
        await page.goto(`${at.url}/memoscape`);
        await page.waitForTimeout(1000);
        await page.screenshot({path: `${shots}/inspector-${name}.png`, fullPage: true});
        continue;
      }
      for (const tab of ['Elements', 'Charts']) {
        await page.getByRole('tab', {name: tab}).click();
        await page.waitForTimeout(700);
        await page.screenshot({path: `${shots}/${which}-${tab}-${name}.png`, fullPage: true});
      }
    }
  }
});

// The page of a report, opened from a file: the map, the table, light and dark, and no request.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {launch, openPage} from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'memoscape-report-'));
const file = join(folder, 'report.html');
const url = 'file://' + file;
let browser;

before(async () => {
  execFileSync(process.env.MEMOSCAPE_HELLO, ['--visitors', '10', '--report', file], {stdio: 'ignore'});
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

const open = async (options = {}, address = url) => {
  const page = await openPage(browser, {...options, allowed: (asked) => asked === address});
  await page.goto(address);
  await page.waitForSelector('#permutations tbody tr');
  return page;
};
const report = () => JSON.parse(
  /id="memoscape-report">(.*?)<\/script>/s.exec(readFileSync(file, 'utf8'))[1]).report;

test('opens in two seconds without an error or a request, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const began = Date.now();
    const page = await open({colorScheme});
    assert.ok(Date.now() - began < 2000 * (process.env.SLOWNESS || 1), `${Date.now() - began} ms`);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});

test('of 100,000 permutations opens in two seconds, and tells the tail as a sum', async () => {
  const large = join(folder, 'large.html');
  execFileSync(process.env.MEMOSCAPE_LARGE_REPORT, [large], {stdio: 'ignore'});
  const began = Date.now();
  const page = await open({}, 'file://' + large);
  const took = Date.now() - began;
  assert.ok(took < 2000 * (process.env.SLOWNESS || 1), `${took} ms`);
  assert.deepEqual(page.trouble, []);
  assert.match(await page.textContent('#cards'), /100,000/);
  const data = JSON.parse(await page.textContent('#memoscape-report')).report;
  const told = data.permutations.length;
  assert.equal(told + data.omitted.reduce((sum, row) => sum + row.permutations, 0), 100_000);
  assert.ok(await page.locator('.tile').count() > 1);
});

test('the tiles of the map are the bytes of the report', async () => {
  const page = await open();
  const tiles = await page.locator('.tile[data-id]').evaluateAll((all) =>
    all.map((tile) => [tile.dataset.id, Number(tile.dataset.bytes), tile.offsetWidth * tile.offsetHeight]));
  const expected = report().permutations.map((row) => [row.id, Math.round(
    row.bytes.value + row.bytes.recording + row.bytes.key + (row.sharers > 1 ? row.shared_value / row.sharers : 0))]);
  assert.deepEqual(tiles.map(([id, bytes]) => [id, bytes]).sort(), expected.sort());
  const [largest] = tiles.sort((a, b) => b[1] - a[1]);
  assert.ok(largest[2] > 0.5 * Math.max(...tiles.map((tile) => tile[2])));
});

test('sorting and filtering change what the table shows', async () => {
  const page = await open();
  const column = (n) => page.locator(`#permutations tbody tr[data-id] td:nth-child(${n})`).allTextContents();
  await page.click('[data-sort=hits]');
  const falling = (await column(5)).map((text) => Number(text.replaceAll(',', '')));
  assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
  await page.click('[data-sort=hits]');
  const rising = (await column(5)).map((text) => Number(text.replaceAll(',', '')));
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  const {id} = report().permutations[3];
  await page.fill('#search', id);
  await page.waitForFunction(() => document.querySelectorAll('#permutations tbody tr').length === 1);
  assert.equal((await column(10))[0], id);
  await page.click('#reset');
  await page.selectOption('#function', 'weather');
  assert.deepEqual(await column(1), ['weather']);
});

test('the map is used by keyboard', async () => {
  const page = await open();
  await page.locator('.tile[tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  const name = await page.evaluate(() => document.activeElement.dataset.id);
  await page.keyboard.press('Enter');
  assert.ok((await page.textContent('#detail')).includes(name));
  assert.equal(await page.getAttribute(`.tile[data-id="${name}"]`, 'aria-pressed'), 'true');
});

test('the curves are drawn', async () => {
  const page = await open();
  assert.ok(await page.locator('#hits-chart').isVisible());
  assert.match(await page.textContent('#advice'), /Confidence: /);
  assert.ok(await page.locator('#points tbody tr').count() > 10);
});

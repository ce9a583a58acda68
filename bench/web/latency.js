// Latency as a person sees it: from the input event of a slider in Chromium to the page that shows
// the other permutation (DOM changed; painting is up to the browser). Every run is a hit, on loopback.
//
// Usage: node bench/web/latency.js PATH_TO_MEMOSCAPE_APP [MOVES]
import {launch, openPage} from '../../tests/browser/browser.js';
import {Server} from '../../tests/browser/server.js';

const [program, moves = '300'] = process.argv.slice(2);
const app = await Server.start(program, ['--port', '0']);
const browser = await launch();
const page = await openPage(browser, {allowed: () => true});
await page.goto(app.url);
await page.locator('body[data-ready=yes]').waitFor();
const times = await page.evaluate(async (count) => {
  const slider = document.querySelector('.kind-slider input');
  const shown = () => document.querySelector('.kind-success').textContent;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const move = (value) => new Promise((resolve) => {
    const before = shown();
    const start = performance.now();
    const watch = new MutationObserver(() => {
      if (shown() === before) return;
      watch.disconnect();
      resolve(performance.now() - start);
    });
    watch.observe(document.body, {subtree: true, childList: true, characterData: true});
    slider.value = value;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
  });
  const all = [];
  for (let i = 0; i < 8 + count; ++i) {
    const took = await move(1000 + 1000 * (i % 8));
    await pause(120);  // a person is no faster
    if (i >= 8) all.push(took);  // every position was visited
  }
  return all.sort((a, b) => a - b);
}, Number(moves));
const at = (q) => times[Math.floor(q * (times.length - 1))].toFixed(1);
console.log(`${times.length} moves: median ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
await browser.close();
await app.stop();

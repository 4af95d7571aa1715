// How long the page of a run of a million samples takes to open in a real Chromium: from the start of
// the navigation until everything above the fold is drawn. Not part of the CI.
//   node page.mjs HYPERDC NODE_MODULES CHROMIUM SCENARIO [TURNS]
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [hyperdc, modules, executablePath, scenario, turns = '7'] = process.argv.slice(2);
const {chromium} = createRequire(join(modules, 'x.js'))('playwright-core');
const home = mkdtempSync(join(tmpdir(), 'hyperdc-page-bench-'));
const out = join(home, 'million'), html = join(home, 'million.html');

spawnSync(hyperdc, ['run', scenario, '--until', '2 d', '--out', out], {stdio: 'ignore'});
// A day by a second, and 12 columns.
const lines = [`time_s,${Array.from({length: 12}, (_, i) => `regions.r${i}.power_W`).join(',')}`];
for (let t = 1; t <= 86400; ++t) {
  const day = 1000 + 400 * Math.sin(t / 86400 * 2 * Math.PI);
  lines.push([t, ...Array.from({length: 12}, (_, i) => (day + i * 90 + ((t * 7919 + i * 104729) % 1000) / 10).toFixed(6))].join(','));
}
writeFileSync(join(out, 'series.csv'), `${lines.join('\n')}\n`);
let begin = performance.now();
execFileSync(hyperdc, ['report', out, '-o', html], {stdio: 'ignore'});
const written = performance.now() - begin;

const browser = await chromium.launch({executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu']});
const times = [], zooms = [];
for (let turn = 0; turn < Number(turns); ++turn) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}});
  const page = await context.newPage();
  begin = performance.now();
  await page.goto(`file://${html}`);
  await page.waitForSelector('html[data-ready]');
  await page.waitForSelector('[data-drawn]');
  times.push(performance.now() - begin);
  await page.locator('.panel [role=group]').first().focus();
  zooms.push(await page.evaluate(() => new Promise((done) => {
    const start = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '+', bubbles: true}));
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  })));
  await context.close();
}
await browser.close();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
console.log(`${(86400 * 12 / 1e6).toFixed(2)} M samples, page of ${(statSync(html).size / 1e6).toFixed(2)} MB, written in ${(written / 1e3).toFixed(2)} s`);
console.log(`  opened, s of wall clock   median ${(median(times) / 1e3).toFixed(2)}, worst ${(Math.max(...times) / 1e3).toFixed(2)}, ${turns} turns   target 2`);
console.log(`  one zoom, ms              median ${median(zooms).toFixed(0)}`);
rmSync(home, {recursive: true});

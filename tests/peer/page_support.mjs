// What the tests of the page share: the program, a browser, and what makes a page wrong.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export const [hyperdc, modules, chromium, source] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const playwright = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const directory = mkdtempSync(join(tmpdir(), 'hyperdc-page-'));
export const at = (name) => join(directory, name);
export const run = (...words) => execFileSync(hyperdc, words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
/** Of run: 1 says that an objective is missed. */
export const simulate = (...words) => {
  try {
    run('run', ...words);
  } catch (problem) {
    assert.equal(problem.status, 1, String(problem));
  }
};

export const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = 0;
/** How many tests have failed so far. */
export const failures = () => failed;

export async function test(name, act) {
  try {
    await act();
    console.log(`ok: ${name}`);
  } catch (problem) {
    ++failed;
    console.error(`FAILED: ${name}\n${problem.stack}`);
  }
}

/** A page with everything drawn; what it complains of or asks for fails the test. */
export async function open(file, {theme = 'light', width = 1280, hash = ''} = {}) {
  const context = await browser.newContext({colorScheme: theme, viewport: {width, height: 900}});
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) wrong.push(message.text()); });
  page.on('pageerror', (error) => wrong.push(error.stack));
  page.on('request', (request) => { if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) wrong.push(`asked for ${request.url()}`); });
  const begin = performance.now();
  await page.goto(`file://${file}${hash}`);
  await page.waitForSelector('html[data-ready]');
  const opened = performance.now() - begin;
  await page.evaluate(() => { for (const chart of window.hyperdcCharts) chart.start(); });
  return {page, wrong, opened, end: async () => {
    assert.deepEqual(wrong, []);
    await context.close();
  }};
}

/** Charts that show nothing but their background. */
export const emptyCharts = (page) => page.evaluate(() => [...window.hyperdcCharts].filter(({element}) => {
  const canvas = element.querySelector('canvas');
  if (!canvas) return element.querySelectorAll('svg path').length < 5;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
  return colours.size < 3;
}).map(({element}) => element.closest('section')?.id));

export async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}));
  assert.deepEqual(found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`)]), []);
}

/** Texts that a program wrote by mistake: an object, or nothing. */
export const mistakes = (page) => page.evaluate(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {textContent, parentElement} = walker.currentNode;
    if (parentElement.closest('script, style') || parentElement.closest('.tree .mono')) continue;  // a scenario may hold null
    if (/\[object|\bundefined\b|\bNaN\b|^\s*null\s*$/.test(textContent)) found.push(textContent.slice(0, 200));
  }
  return found;
});

export const pageData = (file) => JSON.parse(/<script [^>]*id="data"[^>]*>([^]*?)<\/script>/.exec(readFileSync(file, 'utf8'))[1]);

/** The page `from` with other data. */
export function changed(from, to, change) {
  const page = readFileSync(from, 'utf8');
  const data = pageData(from);
  change(data);
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  writeFileSync(to, page.replace(/(<script [^>]*id="data"[^>]*>)[^]*?(<\/script>)/, (_, begin, end) => begin + text + end));
  return to;
}

export const rows = (page, section) => page.locator(`#${section} tbody`).first().locator('tr').count();

/** How many colours a heat map has. */
export const heatColours = (page, section) => page.evaluate((id) => {
  const canvas = document.querySelector(`#${id} .heat .drawn canvas`);
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}, section);
/** Rows of a table that a run stored, without its header. */
export const csvRows = (file) => readFileSync(at(file), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));

// The page of `hyperdc report` in a real Chromium: charts are drawn, filters and zoom work, axe finds
// nothing in dark and in light, no network is asked for, and pages stay small.
//   node page_test.mjs HYPERDC NODE_MODULES CHROMIUM SOURCE_DIR
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [hyperdc, modules, chromium, source] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const playwright = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const directory = mkdtempSync(join(tmpdir(), 'hyperdc-page-'));
const at = (name) => join(directory, name);
const run = (...words) => execFileSync(hyperdc, words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
/** Of run: 1 says that an objective is missed. */
const simulate = (...words) => {
  try {
    run('run', ...words);
  } catch (problem) {
    assert.equal(problem.status, 1, String(problem));
  }
};

const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = 0;

async function test(name, act) {
  try {
    await act();
    console.log(`ok: ${name}`);
  } catch (problem) {
    ++failed;
    console.error(`FAILED: ${name}\n${problem.stack}`);
  }
}

/** A page with everything drawn; what it complains of or asks for fails the test. */
async function open(file, {theme = 'light', width = 1280, hash = ''} = {}) {
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
const emptyCharts = (page) => page.evaluate(() => [...window.hyperdcCharts].filter(({element}) => {
  const canvas = element.querySelector('canvas');
  if (!canvas) return element.querySelectorAll('svg path').length < 5;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
  return colours.size < 3;
}).map(({element}) => element.closest('section')?.id));

async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}));
  assert.deepEqual(found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`)]), []);
}

/** Texts that a program wrote by mistake: an object, or nothing. */
const mistakes = (page) => page.evaluate(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {textContent, parentElement} = walker.currentNode;
    if (parentElement.closest('script, style') || parentElement.closest('.tree .mono')) continue;  // a scenario may hold null
    if (/\[object|\bundefined\b|\bNaN\b|^\s*null\s*$/.test(textContent)) found.push(textContent.slice(0, 200));
  }
  return found;
});

const pageData = (file) => JSON.parse(/<script [^>]*id="data"[^>]*>([^]*?)<\/script>/.exec(readFileSync(file, 'utf8'))[1]);

/** The page `from` with other data. */
function changed(from, to, change) {
  const page = readFileSync(from, 'utf8');
  const data = pageData(from);
  change(data);
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  writeFileSync(to, page.replace(/(<script [^>]*id="data"[^>]*>)[^]*?(<\/script>)/, (_, begin, end) => begin + text + end));
  return to;
}

const rows = (page, section) => page.locator(`#${section} tbody`).first().locator('tr').count();

try {
  const scenario = join(source, 'scenarios/examples/storefront.json');
  simulate(scenario, '--until', '2 d', '--out', at('one'));
  simulate(join(source, 'scenarios/examples/storefront-hpa.json'), join(source, 'scenarios/examples/storefront-predictive.json'), '--until', '1 d', '--seeds', '2', '--out', at('several'));
  simulate(join(source, 'scenarios/examples/storefront-hpa.json'), join(source, 'scenarios/examples/storefront-predictive.json'), '--until', '6 h', '--out', at('each'));
  simulate(join(source, 'scenarios/examples/storefront-hpa.json'), '--until', '6 h', '--seeds', '2', '--out', at('seeds'));
  writeFileSync(at('study.json'), JSON.stringify({name: 'small', base: scenario, replications: 4, vary: {
    autoscaler: {at: 'workloads.shop.autoscaler', values: [{policy: 'none'}, {policy: 'hpa'}, {policy: 'predictive'}]},
    duration: {at: 'duration', values: ['12 h']}}}));
  run('sweep', at('study.json'), '--out', at('study.sqlite'));
  // Racks of several workloads, and a fabric whose links share rows.
  simulate(join(source, 'scenarios/examples/h100-cluster.json'), '--until', '2 d', '--out', at('racks'));
  simulate(join(source, 'scenarios/examples/spine-loss.json'), '--out', at('links'));
  simulate(join(source, 'scenarios/examples/wan.json'), '--until', '6 h', '--out', at('wan'));
  // A million samples: a day by a second, and 12 columns.
  mkdirSync(at('million'));
  writeFileSync(at('million/result.json'), readFileSync(at('one/result.json')));
  const lines = [`time_s,${Array.from({length: 12}, (_, i) => `regions.r${i}.power_W`).join(',')}`];
  for (let t = 1; t <= 86400; ++t) {
    const day = 1000 + 400 * Math.sin(t / 86400 * 2 * Math.PI);
    lines.push([t, ...Array.from({length: 12}, (_, i) => (day + i * 90 + ((t * 7919 + i * 104729) % 1000) / 10 + (t === 50000 ? 5000 : 0)).toFixed(6))].join(','));
  }
  writeFileSync(at('million/series.csv'), `${lines.join('\n')}\n`);
  for (const [from, to] of [['one', 'one'], ['several', 'several'], ['study.sqlite', 'study'], ['million', 'million'], ['each', 'each'], ['seeds', 'seeds'], ['racks', 'racks'], ['links', 'links'], ['wan', 'wan']]) {
    run('report', at(from), '-o', at(`${to}.html`));
    assert.ok(statSync(at(`${to}.html`)).size < 5_000_000, `${to}.html is ${statSync(at(`${to}.html`)).size} bytes`);
  }

  for (const name of ['one', 'several', 'study', 'racks', 'links', 'wan']) {
    for (const theme of ['light', 'dark']) {
      await test(`${name}, ${theme}: charts are drawn, axe finds nothing`, async () => {
        const {page, end} = await open(at(`${name}.html`), {theme});
        assert.ok(await page.evaluate(() => window.hyperdcCharts.size) >= 2);
        assert.deepEqual(await emptyCharts(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
        await page.evaluate(() => { for (const box of document.querySelectorAll('details')) box.open = true; });
        await accessible(page);
        assert.deepEqual(await mistakes(page), []);
        await end();
      });
    }
    await test(`${name}: a narrow screen does not scroll sideways`, async () => {
      const {page, end} = await open(at(`${name}.html`), {width: 390});
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 390));
      await end();
    });
  }

  /** How many colours a heat map has. */
  const heatColours = (page, section) => page.evaluate((id) => {
    const canvas = document.querySelector(`#${id} .heat .drawn canvas`);
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, section);
  const csvRows = (file) => readFileSync(at(file), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));

  await test('a run without racks or a fabric has no such section', async () => {
    const racks = await open(at('racks.html'));
    assert.equal(await racks.page.locator('#racks').count(), 1);
    assert.equal(await racks.page.locator('#fabrics').count(), 0);
    await racks.end();
    const links = await open(at('links.html'));
    assert.equal(await links.page.locator('#racks').count(), 0);
    assert.equal(await links.page.locator('#fabrics').count(), 1);
    await links.end();
  });

  await test('the heat map of racks is drawn, follows the zoom, and its table is that of racks.csv', async () => {
    const {page, end} = await open(at('racks.html'));
    assert.ok(await heatColours(page, 'racks') > 20);
    const axis = () => page.evaluate(() => { const x = [...window.hyperdcCharts].find(({element}) => element.closest('.heat')).chart.getOption().xAxis[0]; return [x.min, x.max]; });
    assert.deepEqual(await axis(), [0, 172800]);
    await page.locator('#racks [aria-roledescription="heat map"]').focus();
    await page.keyboard.press('+');
    assert.deepEqual(await axis(), [43200, 129600]);
    assert.match(new URL(page.url()).hash, /zoom=43200-129600/);
    await page.keyboard.press('0');
    await page.locator('#time [role=group]').first().focus();
    await page.keyboard.press('+');
    assert.deepEqual(await axis(), [43200, 129600]);
    await page.keyboard.press('0');
    await page.locator('#racks details summary').first().click();
    const rows = await page.locator('#racks details').first().locator('tbody tr').evaluateAll((list) => list.map((row) => [...row.children].map((cell) => cell.textContent)));
    const stored = csvRows('racks/racks.csv');
    const most = Math.max(...stored.map((row) => Number(row[8])));
    assert.equal(rows.length, new Set(stored.map((row) => row[5])).size);
    assert.equal(Number.parseFloat(rows[0][2]), 100 * most);
    const mean = (rack) => { const of = stored.filter((row) => row[5] === rack); return of.reduce((sum, row) => sum + Number(row[7]), 0) / of.length; };
    for (const row of rows) {
      const rack = /rack (\d+)$/.exec(row[0])[1];
      assert.ok(Math.abs(Number.parseFloat(row[1]) - 100 * mean(rack)) < 0.3, `${row}: ${mean(rack)}`);
    }
    await end();
  });

  await test('the floor plan moves by keyboard, and the address brings the moment back', async () => {
    const {page, end} = await open(at('racks.html'));
    const slider = page.locator('#racks input[type=range]');
    const squares = (of) => of.locator('#racks .rack').evaluateAll((list) => list.map((one) => one.textContent));
    const stored = csvRows('racks/racks.csv');
    const moments = [...new Set(stored.map((row) => row[1]))];
    const expected = (moment) => stored.filter((row) => row[1] === moments[moment]).map((row) => Math.round(100 * Number(row[7])));
    await slider.focus();
    await page.keyboard.press('Home');
    assert.equal(await slider.inputValue(), '0');
    const first = await squares(page);
    first.forEach((text, i) => assert.ok(Math.abs(Number(text) - expected(0)[i]) <= 1, `${text} and ${expected(0)[i]}`));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.equal(await slider.inputValue(), '2');
    assert.notDeepEqual(await squares(page), first);
    assert.match(await slider.getAttribute('aria-valuetext'), /^2.h to 3.h$/);
    const hash = new URL(page.url()).hash;
    assert.match(hash, /moment=2/);
    const third = await squares(page);
    await end();
    const again = await open(at('racks.html'), {hash});
    assert.deepEqual(await squares(again.page), third);
    await again.end();
  });

  await test('racks are shown by who holds them, and the choice is in the address', async () => {
    const {page, end} = await open(at('racks.html'));
    await page.locator('#racks select').first().selectOption('who');
    assert.match(new URL(page.url()).hash, /racks=who/);
    const names = await page.locator('#racks .names').first().locator('li').allTextContents();
    assert.deepEqual(names.map((text) => text.replace(/^\S\s/, '')).sort(), ['nobody', 'research', 'training']);
    const letters = new Set(await page.locator('#racks .rack').allTextContents());
    assert.ok(letters.has('A') && letters.has('B'), [...letters].join());
    await page.locator('#racks select').first().selectOption('power');
    assert.match(await page.locator('#racks .ramp').first().textContent(), /kW/);
    await end();
  });

  await test('links are coloured by their use, tiers have the numbers of links.csv', async () => {
    const {page, end} = await open(at('links.html'));
    assert.ok(await heatColours(page, 'fabrics') > 20);
    const colours = await page.locator('#fabrics .fabric line').evaluateAll((list) => list.map((line) => line.getAttribute('stroke')));
    assert.ok(colours.length >= 128 && new Set(colours).size > 3);  // each link of leaf and spine
    await page.locator('#fabrics details summary').first().click();
    const rows = await page.locator('#fabrics details').first().locator('tbody tr').evaluateAll((list) => list.map((row) => [...row.children].map((cell) => cell.textContent)));
    const stored = csvRows('links/links.csv');
    assert.deepEqual(rows.map((row) => `${row[0]} ${row[1]}`), ['host-leaf up', 'host-leaf down', 'leaf-spine up', 'leaf-spine down']);
    for (const [tier, way, links, mean, most] of rows) {
      const of = stored.filter((row) => row[3] === tier && row[4] === way);
      const count = of.reduce((sum, row) => sum + Number(row[8]), 0);
      assert.equal(Number(links), of.filter((row) => row[1] === of[0][1]).reduce((sum, row) => sum + Number(row[8]), 0));
      assert.ok(Math.abs(Number.parseFloat(mean) / 100 - of.reduce((sum, row) => sum + row[8] * row[9], 0) / count) < 0.003, mean);
      assert.ok(Math.abs(Number.parseFloat(most) / 100 - Math.max(...of.map((row) => Number(row[10])))) < 0.003, most);
    }
    await end();
  });

  await test('a WAN is a ring of its regions', async () => {
    const {page, end} = await open(at('wan.html'));
    const regions = new Set(csvRows('wan/links.csv').map((row) => row[5]));
    assert.equal(await page.locator('#fabrics .fabric circle').count(), regions.size);
    assert.equal(await page.locator('#fabrics .fabric path').count(), csvRows('wan/links.csv').filter((row) => row[0] === '0').length);
    await end();
  });

  await test('the filter of the metrics keeps what matches', async () => {
    const {page, end} = await open(at('one.html'));
    const all = await rows(page, 'metrics');
    await page.fill('#metrics input[type=search]', 'latency p99');
    const some = await rows(page, 'metrics');
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    const texts = await page.locator('#metrics tbody tr').allTextContents();
    assert.ok(texts.every((text) => /latency/i.test(text) && /p99/.test(text)));
    assert.match(new URL(page.url()).hash, /filter-metrics=latency/);
    await end();
  });

  await test('zoom changes the axis of every chart, and the address brings it back', async () => {
    const {page, end} = await open(at('one.html'));
    const extents = () => page.evaluate(() => [...window.hyperdcCharts].filter(({element}) => element.classList.contains('drawn'))
      .map(({chart}) => { const axis = chart.getOption().xAxis[0]; return [axis.min, axis.max]; }));
    const before = await extents();
    assert.ok(before.length >= 4);
    assert.deepEqual(before[0], [0, 172800]);
    const chart = page.locator('.drawn').first();
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 70, {steps: 4});
    await page.mouse.up();
    const dragged = await extents();
    assert.ok(dragged.every(([from, to]) => from === dragged[0][0] && to === dragged[0][1]));
    assert.ok(dragged[0][0] > 40000 && dragged[0][1] < 120000, String(dragged[0]));
    const hash = new URL(page.url()).hash;
    await page.locator('.panel [role=group]').first().focus();
    await page.keyboard.press('+');
    const [from, to] = (await extents())[0];
    assert.ok(Math.abs((to - from) / (dragged[0][1] - dragged[0][0]) - 0.5) < 0.01);
    await page.keyboard.press('0');
    assert.deepEqual((await extents())[0], [0, 172800]);
    await end();
    const again = await open(at('one.html'), {hash});
    const back = await again.page.evaluate(() => { const axis = [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().xAxis[0]; return [axis.min, axis.max]; });
    assert.ok(Math.abs(back[0] - dragged[0][0]) < 1 && Math.abs(back[1] - dragged[0][1]) < 1);
    await again.end();
  });

  await test('a zoom in the address may have exponents', async () => {
    const {page, end} = await open(at('one.html'), {hash: '#zoom=1e-7-5e%2B4'});
    assert.deepEqual(await page.evaluate(() => { const axis = [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().xAxis[0]; return [axis.min, axis.max]; }), [1e-7, 5e4]);
    await end();
  });

  await test('every label of an axis is the value of its tick', async () => {
    let quarters = 0;
    for (const name of ['one', 'several', 'study']) {
      const {page, end} = await open(at(`${name}.html`));
      const axes = await page.evaluate(() => [...window.hyperdcCharts].flatMap(({chart}) => {
        const option = chart.getOption();
        return [...option.xAxis, ...option.yAxis].filter((axis) => axis.interval > 0 && axis.axisLabel?.formatter).map((axis) => {
          const ticks = [];
          for (let value = axis.min; value <= axis.max + axis.interval * 1e-6; value += axis.interval) ticks.push(axis.axisLabel.formatter(value));
          return ticks;
        });
      }));
      assert.ok(axes.length >= 1, name);
      for (const labels of axes) {
        const numbers = labels.map((text) => Number(text.replaceAll('\u202f', '').replace('−', '-').replace(/[ \u00a0](%|[a-zA-Zµ/]+)$/, '')));
        const step = numbers[1] - numbers[0];
        quarters += /25/.test(step.toPrecision(6)) ? 1 : 0;
        numbers.forEach((value, i) => assert.ok(Math.abs(value - numbers[0] - i * step) < 1e-6 * step, labels.join(', ')));
      }
      await end();
    }
    assert.ok(quarters > 0, 'no axis has a step of 2.5, which this test is for');
  });

  await test('a pool that is called us is no microsecond', async () => {
    const {page, end} = await open(at('one.html'));
    await page.evaluate(() => { for (const box of document.querySelectorAll('details')) box.open = true; });
    const texts = await page.locator('#metrics tbody tr th').allTextContents();
    assert.ok(texts.some((text) => /^us\b/.test(text) || /\bus:? /.test(text)), texts.slice(0, 20).join('; '));
    assert.deepEqual((await page.locator('body').innerText()).split('\n').filter((line) => /(^|[^\d\s])\s*µs/.test(line)), []);
    await end();
  });

  await test('the page of a run names the command that makes it again', async () => {
    const {page, end} = await open(at('one.html'));
    const [run] = pageData(at('one.html')).runs;
    assert.match(run.command, /^hyperdc run .* --seed \d+$/);
    assert.equal(await page.locator('#origin pre.command').first().textContent(), run.command);
    await end();
  });

  await test('runs without a description, or with half a run.json, have a whole page', async () => {
    const bare = changed(at('several.html'), at('bare.html'), (data) => {
      data.runs.forEach((run, i) => {
        run.description = '';
        run.machine = [{schema: 'hyperdc.run/1'}, null, {version: '0.0.1', wall_s: null}, {build: 'gcc', wall_s: 'long'}][i];
      });
    });
    for (const run of ['0', '1', '2', '3']) {
      const {page, end} = await open(bare, {hash: `#run=${run}`});
      assert.deepEqual(await mistakes(page), []);
      assert.equal(await page.locator('#origin dl').count() > 0, true);
      await end();
    }
  });

  await test('a study of which little is done says so, and shows no choice', async () => {
    const partial = (name, left) => changed(at('study.html'), at(name), ({study}) => {
      [study.done, study.runs] = [2, 90];
      study.metrics = study.metrics.filter(left);
      for (const metric of study.metrics) metric.values = metric.values.map((value, i) => i === 0 || name === 'metric.html' ? value : null);
    });
    for (const file of [partial('variation.html', () => true), partial('metric.html', (metric) => metric.name === 'workloads.shop.latency.p99')]) {
      const {page, end} = await open(file);
      assert.match(await page.locator('.lead').textContent(), /^unfinished 2 of 90 runs done: /);
      assert.equal(await page.locator('.lead .badge.warn').count(), 1);
      assert.equal(await page.locator('#choice').count(), 0);
      assert.deepEqual(await mistakes(page), []);
      await end();
    }
    const {page, end} = await open(at('study.html'));
    assert.equal(await page.locator('.lead .badge').count(), 0);
    assert.equal(await page.locator('#choice').count(), 1);
    await end();
  });

  await test('an interval is a half width in the unit of its row', async () => {
    const {page, end} = await open(at('several.html'));
    const {rows: all} = pageData(at('several.html')).side_by_side;
    const texts = all.filter((row) => row.rank >= 0).sort((a, b) => a.rank - b.rank)
      .map((row) => row.values.map((value) => value.text + (value.half ? ` ± ${value.half_text}` : '')));
    const shown = await page.locator('#compare table').first().locator('tbody tr').evaluateAll((list) => list.map((row) => [...row.querySelectorAll('td.number')].map((cell) => cell.textContent)));
    assert.deepEqual(shown, texts);
    assert.ok(texts.flat().some((text) => /± [\d.]+/.test(text)) && texts.flat().every((text) => !/undefined|e[+-]/.test(text)), JSON.stringify(texts));
    assert.match(await page.locator('#compare').textContent(), /95 % interval/);
    await end();
  });

  await test('one seed each: higher and lower, and no verdict', async () => {
    const {page, end} = await open(at('each.html'));
    const words = await page.locator('#compare table').first().locator('tbody td:last-child .badge').allTextContents();
    assert.ok(words.some((word) => word !== 'same') && words.every((word) => ['higher', 'lower', 'same'].includes(word)), words.join());
    assert.equal(await page.locator('#compare .badge.good, #compare .badge.bad').count(), 0);
    assert.match(await page.locator('#compare').textContent(), /One seed each: a difference may be chance\./);
    assert.match(await page.locator('header .lead').first().textContent(), /One seed each: a difference may be chance\.$/);
    assert.doesNotMatch(await page.locator('header .lead').first().textContent(), /better|worse/);
    await end();
  });

  await test('one scenario with several seeds is held against nothing', async () => {
    const {page, end} = await open(at('seeds.html'));
    assert.doesNotMatch(await page.locator('#compare').textContent(), /Bold|may be chance/);
    assert.deepEqual(await mistakes(page), []);
    await end();
  });

  await test('the margin of a share is in percentage points', async () => {
    const [run] = pageData(at('one.html')).runs;
    const objective = run.objectives.find((one) => one.metric === 'workloads.shop.attainment');
    const value = run.metrics.find((metric) => metric.name === objective.metric).value;
    const limit = Number.parseFloat(objective.limit.replace('at least ', ''));
    assert.match(objective.margin, /^[\d.]+ pp (short|above)$/);
    assert.ok(Math.abs(Number.parseFloat(objective.margin) - Math.abs(100 * value - limit)) < 0.051, objective.margin);
  });

  await test('a table that is wider than the screen shows that it scrolls', async () => {
    const {page, end} = await open(at('study.html'), {width: 390});
    const box = page.locator('#variations .scroll');
    const first = () => box.locator('tbody th').first().boundingBox();
    assert.equal(await box.evaluate((one) => one.scrollWidth > one.clientWidth), true);
    await page.waitForSelector('#variations .scroll.more');
    assert.notEqual(await box.evaluate((one) => getComputedStyle(one).boxShadow), 'none');
    const before = (await first()).x;
    await box.evaluate((one) => { one.scrollLeft = one.scrollWidth; });
    await page.waitForSelector('#variations .scroll.before:not(.more)');
    assert.ok(Math.abs((await first()).x - before) < 1);
    await end();
  });

  await test('a line can be hidden, and the cursor reads the same moment in all charts', async () => {
    const {page, end} = await open(at('one.html'));
    const lines = () => page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().series.length);
    const before = await lines();
    await page.locator('.legend button').first().click();
    assert.equal(await lines(), before - 1);
    assert.equal(await page.locator('.legend button').first().getAttribute('aria-pressed'), 'false');
    const box = await page.locator('.drawn').first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    const read = await page.locator('.legend .now').allTextContents();
    assert.ok(read.length > 6 && read.every((text) => text !== ''), JSON.stringify(read));
    await end();
  });

  await test('a chart has its numbers as a table', async () => {
    const {page, end} = await open(at('one.html'));
    const box = page.locator('.panel details').first();
    await box.locator('summary').click();
    const csv = readFileSync(at('one/series.csv'), 'utf8').trim().split('\n');
    assert.equal(await box.locator('tbody tr').count(), csv.length - 1);
    await end();
  });

  await test('distributions have the quantiles of the result, and a view of the tail', async () => {
    const {page, end} = await open(at('one.html'));
    const [one] = pageData(at('one.html')).runs;
    const latency = one.distributions.find(({metric}) => metric === 'workloads.shop.latency');
    for (const [name, value] of latency.quantiles) {
      const metric = one.metrics.find((other) => other.name === `workloads.shop.latency.${name}`);
      if (metric) assert.equal(value, metric.value, name);
    }
    const stored = readFileSync(at('one/distributions.csv'), 'utf8').trim().split('\n').slice(1).filter((line) => line.startsWith('workloads.shop.latency,'));
    const count = one.metrics.find(({name}) => name === 'workloads.shop.latency.count').value;
    assert.equal(stored.reduce((sum, line) => sum + Number(line.split(',')[4]), 0), count);
    assert.ok(stored.length <= 400);
    const chart = () => page.evaluate(() => {
      const {yAxis, series} = [...window.hyperdcCharts].find(({element}) => element.closest('.curves')).chart.getOption();
      return {low: yAxis[0].min, high: yAxis[0].max, lines: series.length, last: series[0].data.at(-1)[1], up: series[0].data.every(([, y], i, all) => i === 0 || y >= all[i - 1][1]), down: series[0].data.every(([, y], i, all) => i === 0 || y <= all[i - 1][1])};
    });
    const before = await chart();
    assert.deepEqual([before.low, before.high, before.last, before.up], [0, 1, 1, true]);
    await page.locator('#times input[type=radio]').nth(1).check();
    const tail = await chart();
    assert.ok(tail.low < -2 && tail.high === 0 && tail.down, JSON.stringify(tail));
    assert.match(new URL(page.url()).hash, /tail=1/);
    const shown = await page.locator('#times .curves .legend li').count();
    await page.locator('#times .curves .legend button').first().click();
    assert.equal(await page.locator('#times .curves .legend li').count(), shown - 1);
    assert.equal((await chart()).lines, before.lines - 1);
    const hash = new URL(page.url()).hash;
    await end();
    const again = await open(at('one.html'), {hash});
    assert.equal(await again.page.locator('#times .curves .legend li').count(), shown - 1);
    assert.equal(await again.page.locator('#times input[type=radio]').nth(1).isChecked(), true);
    await again.page.locator('#times .curves [role=group][tabindex]').focus();
    await again.page.keyboard.press('ArrowRight');
    assert.match(await again.page.locator('#times .curves output').textContent(), /^above /);
    assert.match(await again.page.locator('#times .curves .read').first().textContent(), /%$/);
    await again.end();
  });

  await test('results of before have no distributions, and the page no such chart', async () => {
    const bare = changed(at('one.html'), at('before.html'), (data) => { for (const one of data.runs) one.distributions = []; });
    const {page, end} = await open(bare);
    assert.equal(await page.locator('.curves').count(), 0);
    assert.equal(await page.locator('#times').count(), 1);
    await end();
  });

  await test('several runs: what changed, one distribution run by run, and what each costs', async () => {
    const {page, end} = await open(at('several.html'));
    const keys = await page.locator('#changes tbody th').allTextContents();
    assert.ok(keys.includes('workloads.shop.autoscaler.policy') && !keys.includes('name'), keys.join());
    const row = page.locator('#changes tbody tr').filter({hasText: 'autoscaler.policy'});
    assert.deepEqual(await row.locator('td').allTextContents(), ['hpa', 'predictive']);
    const lines = () => page.evaluate(() => {
      const curves = [...window.hyperdcCharts].find(({element}) => element.closest('#distributions'));
      curves.start();
      return curves.chart.getOption().series.length;
    });
    assert.equal(await lines(), 4);
    await page.locator('#distributions select').selectOption({index: 1});
    assert.equal(await lines(), 4);
    assert.match(new URL(page.url()).hash, /cdf-of=/);
    const {runs} = pageData(at('several.html'));
    for (const one of runs) {
      assert.ok(one.breakdowns.length >= 2);
      for (const {parts, total, title} of one.breakdowns) assert.ok(Math.abs(parts.reduce((sum, part) => sum + part.value, 0) - total) <= 1e-6 * Math.abs(total), title);
    }
    const totals = await page.locator('#totals tbody tr:last-child').first().locator('td').allTextContents();
    assert.deepEqual(totals, runs.map((one) => one.breakdowns[0].text));
    await end();
  });

  await test('one scenario with several seeds has changed nothing', async () => {
    const {page, end} = await open(at('seeds.html'));
    assert.equal(await page.locator('#changes').count(), 0);
    await end();
  });

  await test('the study: keys that differ from the base, and bars that fall in length', async () => {
    const {page, end} = await open(at('study.html'));
    const keys = await page.locator('#changes tbody th').allTextContents();
    assert.ok(keys.includes('workloads.shop.autoscaler.policy'), keys.join());
    const bars = () => page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.closest('#tornado')).chart.getOption().series[0].data.map(([low, high]) => high - low));
    const lengths = await bars();
    assert.equal(lengths.length, 2);  // one knob of three values: each variation has a bar
    assert.ok(lengths.every((length, i) => length > 0 && (i === 0 || length <= lengths[i - 1])), lengths.join());
    const [, other] = await page.locator('#tornado select option').evaluateAll((list) => list.map((one) => one.value));
    await page.locator('#tornado select').selectOption(other);
    assert.notDeepEqual(await bars(), lengths);
    assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('tornado'), other);
    const compared = pageData(at('study.html')).study.comparison.variations;
    const tornado = pageData(at('study.html')).study.tornado.find(({metric}) => metric === other);
    for (const bar of tornado.bars) {
      const row = compared.find(({name}) => name === bar.name).rows.find(({metric}) => metric === other);
      const end = row.mean > 0 ? bar.high : bar.low;
      assert.ok(Math.abs(end[1] - row.mean) <= 1e-9 * Math.abs(row.mean));
      assert.ok(Math.abs(end[2] - row.interval[0]) <= 1e-9 * Math.abs(row.mean));
    }
    await end();
  });

  await test('zooming into an envelope draws every row', async () => {
    const {page, end} = await open(at('million.html'), {hash: '#zoom=49000-51000'});
    assert.match(await page.locator('#time p').first().textContent(), /^Zoomed in: every one of the 86,400 rows/);
    assert.deepEqual(await emptyCharts(page), []);
    const points = () => page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().series[0].data);
    const shown = await points();
    assert.ok(shown.length >= 2000 && shown.length <= 2010, String(shown.length));
    const csv = new Map(readFileSync(at('million/series.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').slice(0, 2).map(Number)));
    let most = 0;
    for (const [middle, value] of shown) {
      const row = csv.get(middle + 0.5);
      most = Math.max(most, row);
      assert.ok(Math.abs(value - row) <= 6000 / 8000, `${middle}: ${value}, not ${row}`);
    }
    assert.ok(most > 5000);
    await page.locator('.panel [role=group]').first().focus();
    await page.keyboard.press('0');
    assert.match(await page.locator('#time p').first().textContent(), /^Each of the 2,048 points stands for about 42 of the 86,400 rows.*Zoom in for more/);
    assert.equal((await points()).length, 2048);
    // Between, groups of rows: the spike of one second stays in the band.
    await page.keyboard.press('+');
    assert.match(await page.locator('#time p').first().textContent(), /^Zoomed in: a point stands for about 19 of the 86,400 rows/);
    const [low, spread] = await page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().series.slice(0, 2).map(({data}) => data.map(([, y]) => y)));
    assert.ok(low.length > 1500 && low.length <= 2403, String(low.length));
    assert.ok(Math.max(...low.map((value, i) => value + spread[i])) > 5900);
    await end();
  });

  await test('microseconds are written one way', async () => {
    for (const name of ['one', 'several', 'study']) {
      const {page, end} = await open(at(`${name}.html`));
      await page.evaluate(() => { for (const box of document.querySelectorAll('details')) box.open = true; });
      const found = await page.evaluate(() => [...document.body.querySelectorAll('section:not(#scenario):not(#changes), header')].flatMap((one) => one.innerText.match(/\d[ \u00a0\u202f]us\b/g) ?? []));
      assert.deepEqual(found, [], name);
      await end();
    }
  });

  await test('the study says what compare says', async () => {
    const {page, end} = await open(at('study.html'));
    const compared = JSON.parse(run('compare', at('study.sqlite'), '--format', 'json'));
    const shown = await page.evaluate(() => JSON.parse(document.getElementById('data').textContent).study.comparison);
    assert.equal(shown.comparisons, compared.comparisons);
    assert.equal(shown.variations.length, compared.variations.length);
    compared.variations.forEach((variation, v) => variation.differences.forEach((row, i) => {
      const here = shown.variations[v].rows[i];
      assert.deepEqual([here.metric, here.mean, here.interval, here.p, here.verdict],
        [row.metric, row.difference.mean, row.difference.interval, row.adjusted_p, row.verdict]);
    }));
    const verdicts = await page.locator('#differences tbody tr td:last-child').allTextContents();
    assert.deepEqual(verdicts.map((text) => text.split(' ')[1]), compared.variations[0].differences.map((row) => row.verdict));
    await end();
  });

  await test('the table of variations sorts and filters; the choice follows its axes', async () => {
    const {page, end} = await open(at('study.html'));
    assert.equal(await rows(page, 'variations'), 3);
    const names = () => page.locator('#variations tbody th').allTextContents();
    const before = await names();
    await page.locator('#variations thead button').first().click();
    const ascending = await names();
    await page.locator('#variations thead button').first().click();
    assert.deepEqual(await names(), [...ascending].reverse());
    assert.deepEqual([...before].sort(), [...ascending].sort());
    await page.fill('#variations input[type=search]', 'hpa');
    assert.equal(await rows(page, 'variations'), 1);
    const axis = () => page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.closest('#choice')).chart.getOption().xAxis[0].name);
    const name = await axis();
    await page.locator('#choice select').first().selectOption('workloads.shop.latency.p99');
    assert.notEqual(await axis(), name);
    await end();
  });

  await test('a page of a million samples keeps what stood out', async () => {
    const {page, opened, end} = await open(at('million.html'));
    console.log(`a million samples: ${statSync(at('million.html')).size} bytes, opened in ${Math.round(opened)} ms`);
    assert.deepEqual(await emptyCharts(page), []);
    const high = await page.evaluate(() => [...window.hyperdcCharts].find(({element}) => element.classList.contains('drawn')).chart.getOption().yAxis[0].max);
    assert.ok(high >= 6000, String(high));
    assert.match(await page.locator('#time p').first().textContent(), /points stands? for about 42 of the 86,400 rows/);
    await end();
  });

  await test('printing is light, also from dark', async () => {
    const {page, end} = await open(at('one.html'), {theme: 'dark'});
    await page.pdf({path: at('one.pdf')});
    await page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      window.during = document.documentElement.dataset.theme;
      dispatchEvent(new Event('afterprint'));
    });
    assert.equal(await page.evaluate(() => window.during), 'light');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await end();
  });
} finally {
  await browser.close();
  rmSync(directory, {recursive: true});
}
process.exitCode = failed > 0 ? 1 : 0;

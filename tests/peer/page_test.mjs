// The page of `hyperdc report` in a real Chromium: charts are drawn, filters and zoom work, axe finds
// nothing in dark and in light, no network is asked for, and pages stay small.
//   node page_test.mjs HYPERDC NODE_MODULES CHROMIUM SOURCE_DIR
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {at, run, simulate, browser, test, open, emptyCharts, accessible, mistakes, pageData, changed, rows, source, directory, failures} from './page_support.mjs';
import {testPlaces} from './page_places.mjs';
import {testViews} from './page_views.mjs';

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

  await testPlaces();

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
    const texts = await page.locator('.tile .what, #time .legend button').allTextContents();
    assert.ok(texts.includes('shop us: ready, mean') && texts.includes('us: utilization'), texts.join('; '));
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

  await testViews();

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
process.exitCode = failures() > 0 ? 1 : 0;

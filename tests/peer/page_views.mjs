// Distributions, what changed, tornados, levels of detail and studies on the page; page_test.mjs calls it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {at, run, test, open, emptyCharts, pageData, changed, rows} from './page_support.mjs';

export async function testViews() {
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

  await test('a quantile above which no sample lies is left out, and labels do not meet', async () => {
    const [run] = pageData(at('racks.html')).runs;
    const tooFew = run.distributions.filter(({show}) => show === 'time').flatMap(({metric, quantiles}) => quantiles.filter(([name, value]) => ['p90', 'p95', 'p99'].includes(name) && value === null).map(([name]) => `${metric}.${name}`));
    const named = (metric) => `${metric.owner} ${metric.label.replace(/, [^,]*$/, '')}`;
    // Where there is no distribution, the number of samples tells.
    const bare = changed(at('racks.html'), at('counted.html'), (data) => { data.runs[0].distributions = []; });
    for (const file of [at('racks.html'), bare]) {
      const {page, end} = await open(file);
      const table = page.locator('#times details').filter({has: page.getByRole('region', {name: 'Quantiles, as a table', includeHidden: true})});
      const heads = await table.locator('thead th').allTextContents();
      const cells = new Map(await table.locator('tbody tr').evaluateAll((list) => list.map((row) => [row.children[0].textContent, [...row.children].map((cell) => cell.textContent)])));
      const drawn = await page.evaluate(() => {
        const {series, yAxis} = [...window.hyperdcCharts].find(({element}) => element.closest('#times')).chart.getOption();
        return series.filter(({type}) => type === 'scatter').flatMap(({name, data}) => data.map(({value}) => `${yAxis[0].data[value[1]]} ${name}`));
      });
      let left = 0;
      for (const metric of run.metrics.filter(({show, statistic, value}) => show === 'time' && ['p90', 'p95', 'p99'].includes(statistic) && value > 0)) {
        const row = cells.get(named(metric));
        if (!row) continue;
        const unknown = tooFew.includes(metric.name);
        left += unknown ? 1 : 0;
        assert.equal(row[heads.indexOf(metric.statistic)], unknown ? '–' : metric.text, metric.name);
        assert.equal(drawn.includes(`${named(metric)} ${metric.statistic}`), !unknown, metric.name);
      }
      assert.ok(left > 0, 'nothing is left out, which this test is for');
      const boxes = await page.locator('#times .chart').first().locator('text').evaluateAll((list) => list.filter((one) => /^(p50|p99|max) /.test(one.textContent)).map((one) => one.getBoundingClientRect().toJSON()));
      assert.ok(boxes.length > 1);
      boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top, JSON.stringify([a, b]))));
      await end();
    }
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
}

// Racks, links and fabrics on the page; page_test.mjs calls it, with its pages there.
import assert from 'node:assert/strict';
import {at, changed, csvRows, heatColours, open, pageData, test} from './page_support.mjs';

export async function testPlaces() {
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

  await test('packed numbers and names of places are no microseconds', async () => {
    // Spaces within base64 are skipped when it is unpacked; "µ" fails.
    const spell = (text) => text && `7us/ 7 us/${text.slice(8)}`;
    const spelt = changed(at('racks.html'), at('spelt.html'), (data) => {
      const {racks} = data.runs[0].places;
      for (const one of racks.quantities) Object.assign(one, {mean: spell(one.mean), greatest: spell(one.greatest)});
      racks.holder = spell(racks.holder);
      for (const row of racks.rows) row[racks.keys.indexOf('group')] = 'east.7 us/8 us';
    });
    const {racks} = pageData(spelt).runs[0].places;
    const allocated = racks.quantities.find(({name}) => name === 'allocated');
    assert.match(allocated.mean, /^7us\/ 7 us\//);
    const bytes = [...Buffer.from(allocated.mean.replaceAll(' ', ''), 'base64')].slice(0, racks.rows.length);
    const {page, end} = await open(spelt, {hash: '#moment=0'});
    const squares = await page.locator('#racks .rack').allTextContents();
    assert.deepEqual(squares, bytes.map((byte) => byte === 255 ? '–' : String(Math.round(100 * (byte / 254 * allocated.top)))));
    assert.match(await page.locator('#racks .plan').textContent(), /east\.7 us\/8 us/);
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
}

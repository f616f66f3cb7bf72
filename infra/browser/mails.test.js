// Every mail of the product, as people see it: on a phone and on a desk, light and dark. `cargo dev mail preview` writes them
// with the code that the functions write them with. The pictures are left under target/mails/screenshots, to be looked at.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import AxeBuilder from '@axe-core/playwright';

import { DESKTOP, PHONE, complaints, launch } from './browser.js';

const FRONTEND = process.env.FRONTEND_URL ?? 'http://localhost:5173';
const WINDOWS = { phone: PHONE, desktop: DESKTOP };
const SCHEMES = ['light', 'dark'];

const index = execFileSync('cargo', ['dev', 'mail', 'preview'], { encoding: 'utf8' }).trim();
const folder = dirname(index);
const pictures = join(folder, 'screenshots');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.html') && file !== 'index.html')
  .map((file) => file.slice(0, -'.html'.length));

/** How light a colour is, from 0 to 1. */
function lightness(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** What keeps people from reading a page (WCAG 2.1 AA): too little contrast, missing texts, a wrong structure. */
async function barriers(page) {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

describe('mails', () => {
  let browser;

  before(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    browser = await launch();
  });

  after(() => browser?.close());

  /** A page with a mail, and what it complained of and asked for while it was loaded. */
  async function open(name, window, scheme) {
    const context = await browser.newContext({ ...WINDOWS[window], colorScheme: scheme });
    const page = await context.newPage();
    const said = complaints(page);
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    await page.goto(url);
    return { page, context, said, asked, url };
  }

  test('there are samples of both kinds of mail', () => {
    assert.ok(names.some((name) => name.startsWith('assignment')), names.join());
    assert.ok(names.some((name) => name.startsWith('reminder')), names.join());
  });

  for (const name of names) {
    for (const window of Object.keys(WINDOWS)) {
      for (const scheme of SCHEMES) {
        test(`${name}, ${window}, ${scheme}`, async () => {
          const { page, context, said, asked, url } = await open(name, window, scheme);
          await page.screenshot({ path: join(pictures, `${name}-${window}-${scheme}.png`), fullPage: true });
          assert.deepEqual(asked, [url], 'nothing is loaded beside the mail itself');
          assert.deepEqual(said, []);

          const { wide, beyond } = await page.evaluate(() => ({
            wide: document.documentElement.scrollWidth - window.innerWidth,
            // Also what an element cuts off. (Chromium counts the border of a cell that is written from right to left.)
            beyond: [...document.querySelectorAll('td, p, h1')]
              .filter((element) => element.scrollWidth > element.offsetWidth)
              .map((element) => element.textContent.trim().slice(0, 40)),
          }));
          assert.ok(wide <= 0, `it scrolls to the side by ${wide} pixels`);
          assert.deepEqual(beyond, [], 'nothing is wider than what it stands in');

          const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          const light = lightness(background);
          assert.ok(scheme === 'dark' ? light < 0.2 : light > 0.8, `the background is ${background}`);

          // Contrast and structure are the same in every width, and this takes longer than all else.
          if (window === 'phone') assert.deepEqual(await barriers(page), []);
          await context.close();
        });
      }
    }

    test(`${name} says the same as text, and leads to the web client alone`, async () => {
      const { page, context } = await open(name, 'desktop', 'light');
      const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.href));
      assert.ok(links.length > 0);
      for (const link of links) assert.ok(link.startsWith(`${FRONTEND}/`), `${link} leads elsewhere`);
      assert.equal(new Set(links).size, 1, 'all links lead to the task');
      assert.notEqual(await page.title(), '');
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      assert.equal(await page.locator('img:not([alt])').count(), 0);

      const text = readFileSync(join(folder, `${name}.txt`), 'utf8');
      assert.match(text, /^Subject: (Assigned to you|Due): \S/);
      assert.ok(text.includes(links[0]), 'the text has the same address');
      const heading = await page.locator('h1').innerText();
      assert.ok(text.includes(heading), `the text names the task: ${heading}`);
      for (const cell of await page.locator('td, h1').allInnerTexts()) {
        assert.match(cell, /[^\s\p{Default_Ignorable_Code_Point}]/u, 'nothing is left blank');
      }
      await context.close();
    });
  }

  test('the page of all mails shows each of them in both schemes', async () => {
    // Not a scheme for the whole window: then the frames have their own.
    const context = await browser.newContext({ ...DESKTOP, colorScheme: null });
    const page = await context.newPage();
    const said = complaints(page);
    await page.goto(pathToFileURL(index).href);
    for (const name of names) {
      const section = page.locator(`#${name}`);
      await section.scrollIntoViewIfNeeded();
      assert.equal(await section.locator('iframe').count(), 4, name);
    }
    const [light, dark] = await Promise.all(
      SCHEMES.map(async (scheme) => {
        const frame = page.frameLocator(`#${names[0]} iframe.phone.${scheme}`);
        await frame.locator('h1').waitFor();
        return frame.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
      }),
    );
    assert.ok(lightness(light) > 0.8 && lightness(dark) < 0.2, `${light}, ${dark}`);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(pictures, 'index.png') });
    assert.deepEqual(said, []);
    await context.close();
  });
});

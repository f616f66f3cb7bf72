// The page that renders the API's document.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { complaints, DESKTOP, launch, PHONE, status, strangers, token } from './browser.js';

const PATIENCE = 30_000;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

let api, ada, browser, openapi;

before(async () => {
  api = status().api_url;
  ada = token('user_ada');
  browser = await launch();
  openapi = await (await fetch(`${api}/api/openapi.json`)).json();
});

after(() => browser?.close());

test('it shows every operation, on any screen, without a complaint and from its own host alone', async () => {
  const operations = Object.values(openapi.paths).flatMap((item) => METHODS.filter((method) => item[method]));
  for (const screen of [DESKTOP, PHONE]) {
    const { page, said, asked } = await open(`${api}/api/docs`, screen);
    assert.equal(await page.locator('.opblock').count(), operations.length);
    assert.match(await page.locator('.info .title').innerText(), new RegExp(openapi.info.version));
    const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(content <= width, `the page is ${content} wide in a window of ${width}`);
    await page.getByText(/^What changed in the API$/).click();
    await page.getByRole('heading', { name: /1\.0\.0/ }).waitFor();
    assert.deepEqual(said, []);
    assert.deepEqual([...asked], []);
    await page.context().close();
  }
});

test('with a pasted token a request that reads and one that writes are answered', async () => {
  const { page, said } = await open(`${api}/api/docs`);
  await authorize(page, ada);
  const list = await execute(page, 'listWorkspaces');
  assert.equal(list.status, '200');
  assert.ok(JSON.parse(list.body).data.some(({ id }) => id === 'org_harbor'));
  const made = await execute(page, 'createTask');
  assert.equal(made.status, '201');
  const { data } = JSON.parse(made.body);
  assert.equal(data.title, openapi.components.schemas.NewTask.examples[0].title);
  await fetch(`${api}/api/tasks/${data.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${ada}` } });
  assert.deepEqual(said, []);
  await page.context().close();
});

test('a token in the address is taken out of it, and goes nowhere but into the header', async () => {
  const { page, requests } = await open(`${api}/api/docs#token=${ada}`);
  assert.equal(page.url(), `${api}/api/docs`);
  assert.equal((await execute(page, 'getWorkspace')).status, '200');
  const sent = [];
  for (const request of requests) {
    const { authorization, ...headers } = await request.allHeaders();
    sent.push(authorization);
    const elsewhere = JSON.stringify([request.url(), request.postData(), headers]);
    assert.ok(!elsewhere.includes(ada), `the token is in ${request.url()} beside its header`);
  }
  assert.deepEqual(sent.filter(Boolean), [`Bearer ${ada}`]);
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  assert.ok(!kept.includes(ada), 'the token is kept');
  // Another one, in a page that is open.
  await page.evaluate(() => (location.hash = '#token=wrong'));
  await page.waitForURL(`${api}/api/docs`);
  assert.equal((await execute(page, 'getWorkspace')).status, '401');
  await page.context().close();
});

test('a wrong token gets the answer that the document shows', async () => {
  const { page } = await open(`${api}/api/docs`);
  await authorize(page, 'not-a-token');
  const { status: refused, body } = await execute(page, 'getTask');
  assert.equal(refused, '401');
  assert.deepEqual(JSON.parse(body), openapi.components.responses.Unauthorized.content['application/json'].example);
  await page.context().close();
});

test("behind a stage's path the page and its requests stay below it", async () => {
  const front = await stage('/prod');
  try {
    const { page, said, requests } = await open(`${front.url}/prod/api/docs#token=${ada}`);
    assert.equal((await execute(page, 'listWorkspaces')).status, '200');
    const urls = requests.map((each) => each.url()).filter((url) => url.startsWith('http'));
    assert.ok(urls.includes(`${front.url}/prod/api/workspace`), urls.join('\n'));
    for (const url of urls) assert.ok(url.startsWith(`${front.url}/prod/`), url);
    assert.deepEqual(said, []);
    await page.context().close();
  } finally {
    front.close();
  }
});

test("the page's policy lets nothing in", async () => {
  const policy = (await fetch(`${api}/api/docs`)).headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  const scripts = policy.split(';').filter((part) => /script|connect/.test(part));
  for (const part of scripts) assert.ok(part.trim().endsWith("'self'"), part);
  assert.doesNotMatch(readFileSync(new URL('../../functions/docs/src/page.html', import.meta.url), 'utf8'), /\son\w+=/);
});

async function open(url, screen = DESKTOP) {
  const page = await (await browser.newContext(screen)).newPage();
  page.setDefaultTimeout(PATIENCE);
  const said = complaints(page);
  const asked = strangers(page, url);
  const requests = [];
  page.on('request', (each) => requests.push(each));
  await page.goto(url);
  await page.locator('.opblock').first().waitFor();
  return { page, said, asked, requests };
}

async function authorize(page, pasted) {
  await page.locator('button.authorize').first().click();
  await page.locator('.auth-container input').fill(pasted);
  await page.locator('.auth-container button.authorize').click();
  await page.locator('.auth-container button.btn-done').click();
}

/** Sends the request that the page suggests. */
async function execute(page, operation) {
  const block = page.locator(`.opblock[id$="-${operation}"]`);
  if (!(await block.getAttribute('class')).includes('is-open')) await block.locator('.opblock-summary-control').click();
  const clear = block.locator('button.btn-clear');
  if (await clear.count()) await clear.click();
  await block.locator('button.execute').click();
  const answer = block.locator('.live-responses-table tbody tr.response');
  await answer.waitFor();
  return {
    status: (await answer.locator('.response-col_status').innerText()).trim().split(/\s/)[0],
    body: await answer.locator('.response-col_description .highlight-code pre').first().innerText(),
  };
}

/** A front that serves the API below a stage's path, and nothing beside it. */
async function stage(prefix) {
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url.startsWith(`${prefix}/`)) return outgoing.writeHead(403).end('{"message":"Forbidden"}');
    const { method, headers, url } = incoming;
    const onwards = request(api + url.slice(prefix.length), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onwards);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() || server.close() };
}

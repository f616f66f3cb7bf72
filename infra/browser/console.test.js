// The local console, used as a person does: with a mouse, with the keyboard alone, on a phone, without the script.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { complaints, DESKTOP, launch, PHONE, status, strangers, token } from './browser.js';

const PAGES = ['', 'mails', 'schedules', 'queues', 'outbox', 'requests', 'logs', 'users', 'clerk-events'];
const HOUR = 3_600_000;
const EVENT = new URL('../tests/fixtures/clerk/user.created.json', import.meta.url);

let system, home, browser, ada, project;

before(async () => {
  system = status();
  home = system.console_url;
  browser = await launch();
  ada = token('user_ada');
  const projects = await call('GET', '/api/projects/workspace/org_harbor');
  project = projects.data.find((it) => it.team_lead === 'user_ada' && it.members.some(({ user }) => user.id === 'user_bruno'));
  // So that no page is empty.
  await makeTask('Something to read', HOUR);
  await eventually('the mail about a task', async () => (await mailRows(await open('mails'))) > 0);
});

after(() => browser?.close());

test('every page is clean, within its window and accessible, on a desktop and on a phone in the dark', async (t) => {
  for (const [where, window] of [['desktop', DESKTOP], ['phone', { ...PHONE, colorScheme: 'dark' }]]) {
    const context = await browser.newContext(window);
    for (const path of [...PAGES, 'mails/1', 'nothing']) {
      await t.test(`/${path} (${where})`, async () => {
        const page = await context.newPage();
        const said = complaints(page);
        const asked = strangers(page, home);
        await page.goto(home + path);
        assert.equal(await page.locator('h1').count(), 1);
        // Not `innerWidth`: a phone zooms out until a page that is too wide fits.
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= window.viewport.width, `the page is ${width} px wide`);
        assert.deepEqual(await barriers(page), []);
        const missing = path === 'nothing' ? /404/ : /^$/;
        assert.ok(said.every((line) => missing.test(line)), said.join('\n'));
        assert.deepEqual([...asked], []);
        await page.close();
      });
    }
    await context.close();
  }
});

test('a dark scheme is dark', async () => {
  for (const [colorScheme, isDark] of [['light', false], ['dark', true]]) {
    const context = await browser.newContext({ ...DESKTOP, colorScheme });
    const page = await context.newPage();
    await page.goto(home);
    const [red] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
    assert.equal(red < 64, isDark, `${colorScheme}: ${red}`);
    await context.close();
  }
});

test('the overview counts, and leads everywhere', async () => {
  const page = await open('');
  for (const part of ['API', 'Database', 'Local AWS']) {
    const panel = page.locator('section', { has: page.getByRole('heading', { name: part, exact: true }) });
    assert.match(await panel.innerText(), /\bup\b/);
  }
  for (const path of PAGES) assert.ok((await page.locator(`nav a[href="/${path}"]`).count()) === 1, path);
  await page.close();
});

test('a mail is read as its recipient sees it', async () => {
  const title = `To be read ${randomUUID()}`;
  await makeTask(title, HOUR);
  const page = await open('mails');
  const link = page.getByRole('link', { name: title });
  await eventually('the mail', async () => (await page.reload()) && (await link.count()) > 0);
  await link.click();
  assert.equal(await page.locator('dd').nth(1).innerText(), 'bruno@example.com');
  const letter = page.frameLocator('iframe');
  await letter.getByText(title).first().waitFor();
  assert.ok(await letter.getByRole('link', { name: 'View Task' }).isVisible());
  assert.match(await page.getByLabel('The text of the mail').innerText(), new RegExp(title));
  await page.close();
});

test('a schedule that fires before its time is put back, and is mailed when it is due', async () => {
  const title = `Due soon ${randomUUID()}`;
  await makeTask(title, 20_000);
  const page = await fireNow(title);
  await page.getByText(/put it back|was mailed/).waitFor();
  assert.equal(await (await open('schedules')).getByText(title).count(), 0, 'the schedule is gone');
  await eventually('the reminder', async () => (await page.reload()) && (await page.getByText('was mailed').count()) > 0, 60_000);
  await page.getByRole('link', { name: 'Read it' }).click();
  await page.frameLocator('iframe').getByText(title).first().waitFor();
  assert.match(await page.locator('h1').innerText(), /due/i);
  await page.close();
});

test('a schedule whose task is done is dropped, and the page says why', async () => {
  const title = `Done already ${randomUUID()}`;
  const task = await makeTask(title, HOUR);
  const page = await open('schedules');
  await eventually('the schedule', async () => (await page.reload()) && (await page.getByText(title).count()) > 0);
  await call('PATCH', `/api/tasks/${task.id}`, { status: 'DONE' });
  await page.close();
  const fired = await fireNow(title);
  await fired.getByText('dropped: the task is done').waitFor();
  await fired.close();
});

test('a dead letter is seen and sent back, and what it was about is done', async () => {
  const id = `user_${randomUUID().replaceAll('-', '')}`;
  const event = { ...JSON.parse(readFileSync(EVENT, 'utf8')), timestamp: Date.now() };
  event.data = { ...event.data, id, first_name: 'Late', last_name: 'Letter', updated_at: Date.now() };
  await sqs('SendMessage', {
    QueueUrl: `${system.aws_endpoint}/000000000000/cairn-local-webhooks-dead-letters`,
    MessageBody: JSON.stringify({ clerk_event: event }),
  });
  const page = await open('queues');
  await page.getByText(id).first().waitFor();
  await page.reload();
  assert.match(await page.locator('li', { hasText: id }).innerText(), /received 0 times/, 'looking is no receive');
  await page.getByRole('button', { name: 'cairn-local-webhooks-dead-letters' }).click();
  await page.getByText(/[1-9]\d* sent back from cairn-local-webhooks-dead-letters/).waitFor();
  await page.goto(`${home}users?q=${id}`);
  await eventually('the person', async () => (await page.reload()) && (await page.getByText('Late Letter').count()) > 0);
  await page.close();
});

test('a copied token acts as that person', async () => {
  const context = await browser.newContext(DESKTOP);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(home).origin });
  const page = await context.newPage();
  await page.goto(`${home}users?q=user_elif`);
  await page.getByRole('button', { name: 'Copy a token for Elif' }).click();
  await page.getByRole('status').getByText('Copied a token for Elif').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const mine = await call('GET', '/api/workspace', undefined, copied);
  assert.deepEqual(mine.data.map(({ id }) => id), ['org_atlas']);
  await context.close();
});

test('without the script a token is shown, and everything else works', async () => {
  const context = await browser.newContext({ ...DESKTOP, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${home}users?q=user_elif`);
  await page.getByRole('button', { name: 'Copy a token for Elif' }).click();
  const shown = await page.getByLabel('Valid for 12 hours').inputValue();
  assert.equal((await call('GET', '/api/workspace', undefined, shown)).success, true);
  await page.goto(`${home}logs`);
  assert.ok((await page.locator('#lines > li').count()) > 0);
  assert.equal(await page.getByRole('button', { name: 'Pause' }).isVisible(), false);
  await context.close();
});

test('the docs are opened with a token filled in', async () => {
  const page = await open('users?q=user_elif');
  await page.getByRole('link', { name: 'API docs as Elif' }).click();
  await page.waitForURL(`${system.api_url}/api/docs#token=*`);
  await page.close();
});

test('an edited event of Clerk arrives', async () => {
  const page = await open('clerk-events?event=user.created');
  const event = JSON.parse(await page.getByLabel('The event').inputValue());
  event.data.id = `user_${randomUUID().replaceAll('-', '')}`;
  event.data.first_name = 'Edited';
  event.data.last_name = 'By <hand>';
  const typed = JSON.stringify(event, null, 2);
  await page.getByLabel('The event').fill(typed);
  await page.getByRole('button', { name: 'Sign and deliver' }).click();
  await page.getByText('answered 200').waitFor();
  assert.equal(await page.getByLabel('The event').inputValue(), typed, 'the text stays');
  await page.goto(`${home}users?q=${event.data.id}`);
  await eventually('the person', async () => (await page.reload()) && (await page.getByText('Edited By <hand>').count()) > 0);
  await page.close();
});

test('what is not JSON is told with its place, and stays', async () => {
  const page = await open('clerk-events');
  const typed = '\n{\n  "type": "user.created",\n  "data": <b>oops</b>\n}';
  await page.getByLabel('The event').fill(typed);
  await page.getByRole('button', { name: 'Sign and deliver' }).click();
  assert.match(await page.getByRole('alert').innerText(), /not JSON.*line 4.*Nothing was delivered/s);
  assert.equal(await page.getByLabel('The event').inputValue(), typed);
  await page.close();
});

test('the log follows, pauses and goes on', async () => {
  const page = await open('logs?function=projects');
  await page.getByText('Following').waitFor();
  const lines = page.locator('#lines > li');
  const began = await lines.count();
  await call('GET', `/api/projects/${project.id}`);
  await eventually('a line', async () => (await lines.count()) > began);
  assert.match(await lines.first().innerText(), /INFO\s+projects\s+request/);
  await page.getByRole('button', { name: 'Pause' }).click();
  const paused = await lines.count();
  await call('GET', `/api/projects/${project.id}`);
  await page.getByText('Paused; there is more').waitFor();
  assert.equal(await lines.count(), paused);
  await page.getByRole('button', { name: 'Continue' }).click();
  await eventually('the rest', async () => (await lines.count()) > paused);
  await page.close();
});

test('a request is there without the values of its query, and leads to its lines of the log', async () => {
  const path = `/api/projects/${project.id}`;
  await call('GET', `${path}?limit=7&__session=secret`);
  const page = await open('requests');
  const row = page.locator('tr', { hasText: `${path}?limit=…&__session=…` }).first();
  assert.match(await row.innerText(), /GET[\s\S]*\d ms/);
  assert.equal((await page.content()).includes('secret'), false);
  await row.getByRole('link').click();
  await page.locator('#lines > li', { hasText: 'GET' }).first().waitFor();
  await page.close();
});

test('the keyboard alone is enough', async () => {
  const context = await browser.newContext(DESKTOP);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(home).origin });
  const page = await context.newPage();
  await page.goto(home);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'To the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await tabTo(page, 'Users', { backwards: true });
  await page.keyboard.press('Enter');
  await page.waitForURL(`${home}users`);
  await tabTo(page, 'q');
  await page.keyboard.type('user_farid');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${home}users?q=user_farid`);
  await tabTo(page, 'Copy token');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', 'one sees where one is');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Farid').waitFor();
  await context.close();
});

test('other hosts are refused, and pages from elsewhere can make it do nothing', async () => {
  const { hostname, port, host } = new URL(home);
  const answer = await new Promise((resolve, reject) => {
    rawRequest({ hostname, port, headers: { host: 'evil.example' } }, resolve).on('error', reject).end();
  });
  answer.resume();
  assert.equal(answer.statusCode, 421);
  const page = await browser.newPage();
  // The front door is another origin on the same machine.
  await page.goto(`${system.api_url}/api/health`);
  const refused = page.waitForResponse(`${home}queues/redrive`);
  await page.evaluate((url) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: `${url}queues/redrive` });
    document.body.append(form);
    form.submit();
  }, `http://${host}/`);
  assert.equal((await refused).status(), 403);
  await page.close();
});

/** A page of the console, in a window of its own. */
async function open(path) {
  const page = await browser.newPage(DESKTOP);
  await page.goto(home + path);
  return page;
}

/** Fires a task's schedule, as soon as it is there. */
async function fireNow(title) {
  const page = await open('schedules');
  const button = page.getByRole('button', { name: `Fire now: ${title}` });
  await eventually('the schedule', async () => (await page.reload()) && (await button.count()) > 0);
  await button.click();
  await page.getByRole('heading', { name: 'What came of it' }).waitFor();
  return page;
}

/** What keeps somebody from using the page (WCAG 2.1 AA). The frame with a mail has no scripts, so that nothing looks into it. */
async function barriers(page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).exclude('iframe').setLegacyMode(true).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

async function mailRows(page) {
  const rows = await page.locator('tbody tr').count();
  await page.close();
  return rows;
}

/** A task that Ada gives to Bruno. */
async function makeTask(title, dueIn) {
  const made = await call('POST', `/api/tasks/project/${project.id}/tasks`, {
    title,
    assigneeId: 'user_bruno',
    due_date: new Date(Date.now() + dueIn).toISOString(),
  });
  return made.data;
}

async function call(method, path, body, as = ada) {
  const answer = await fetch(system.api_url + path, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

async function sqs(operation, input) {
  const answer = await fetch(system.aws_endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function eventually(what, isThere, within = 20_000) {
  const until = Date.now() + within;
  while (!(await isThere())) {
    assert.ok(Date.now() < until, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The text, or the name, of what has the focus. */
function focused(page) {
  return page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name);
}

async function tabTo(page, name, { backwards = false } = {}) {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab');
    if ((await focused(page)) === name) return;
  }
  assert.fail(`The keyboard does not reach ${name}`);
}

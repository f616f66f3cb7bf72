// Chromium, as the tests use it: the installed one, on the pages of the system that runs (`cargo dev`).

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** How large a window is, and what its user likes. */
export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** A browser. Its owner closes it. */
export function launch() {
  return chromium.launch({
    executablePath: installed(),
    // A container often has no user namespaces for it. It sees nothing but our own pages.
    args: ['--no-sandbox'],
  });
}

/** The addresses of the running system, as `cargo dev status --json` prints them. */
export function status() {
  return JSON.parse(execFileSync('cargo', ['dev', 'status', '--json'], { encoding: 'utf8' }));
}

/** A session token of somebody. */
export function token(user) {
  return execFileSync('cargo', ['dev', 'token', '--user', user], { encoding: 'utf8' }).trim();
}

/** What a page says on its console and what it could not load, from now on. */
export function complaints(page) {
  const said = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('requestfailed', (request) => said.push(`${request.url()}: ${request.failure()?.errorText}`));
  return said;
}

/** Hosts other than the page's own that it asked for something, from now on. */
export function strangers(page, own) {
  const asked = new Set();
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.host !== new URL(own).host) asked.add(url.host);
  });
  return asked;
}

function installed() {
  const named = process.env.CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onMac = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name))).concat(onMac);
  const found = named ?? places.find(existsSync);
  if (!found) throw new Error('Chromium is not installed: install it, or name it in the variable CHROMIUM.');
  return found;
}

/** The system that runs here: `cargo dev`. */

import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait for a mail: the queue, the worker and the local AWS all take part. */
const PATIENCE_MS = 60_000;

export interface Mail {
  to: string[];
  subject: string;
  text: string;
}

export function apiUrl(): string {
  const status: { api_url: string } = JSON.parse(cargoDev('status', '--json'));
  return status.api_url;
}

/** A session token of somebody of the demo data. */
export function token(user: string): string {
  return cargoDev('token', '--user', user).trim();
}

/** The first mail that fits, once it was sent. */
export async function mail(fits: (mail: Mail) => boolean): Promise<Mail> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const mails: Mail[] = JSON.parse(cargoDev('mail', '--json'));
    const found = mails.find(fits);
    if (found) return found;
    await pause(500);
  }
  throw new Error(`No such mail was sent within ${PATIENCE_MS / 1000} s`);
}

function cargoDev(...command: string[]): string {
  return execFileSync('cargo', ['dev', ...command], { encoding: 'utf8' });
}

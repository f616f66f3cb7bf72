// The links of the documents lead somewhere, and their commands are tried on the system that runs (`cargo dev`).

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { anchors, blocks, documents, links, root, spans, story } from './documents.js';

/** A page that is one story: its blocks follow from each other, and say what they print. */
const STORY = 'docs/curl.md';

/** Between what one block of the story prints and what the next one does. */
const END_OF_BLOCK = '\x1e';

/** The commands that people type; everything else in backticks is a name or a value. */
const COMMAND = /^(cargo (dev|import|lambda)|sam|aws|curl)\b/;

const status = JSON.parse(cargo('dev', 'status', '--json'));
const environment = {
  ...process.env,
  PATH: `${fileURLToPath(new URL('bin', import.meta.url))}:${process.env.PATH}`,
  AWS_ENDPOINT_URL: status.aws_endpoint,
  AWS_REGION: 'eu-central-1',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  API: status.api_url,
  TOKEN: cargo('dev', 'token', '--user', 'user_ada').trim(),
};

/** What stands for a value in a command that is carried out. */
const VALUES = {
  '<ApiUrl>': status.api_url,
  'http://127.0.0.1:5000': status.api_url,
  '<ARN of the dead letter queue>': queue('cairn-local-tasks-dead-letters'),
  '<ARN of the queue: the same without -dead-letters>': queue('cairn-local-tasks'),
  '<stage>': 'local',
  '<its ARN>': 'arn:aws:sns:eu-central-1:000000000000:cairn-prod-alarms',
  '<the VersionId>': '6f0e2a52-7a6b-4a7e-9d5e-2f6f8f1c9b1d',
  '<owner>/<name>': 'somebody/cairn',
};

function cargo(...words) {
  return execFileSync('cargo', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function queue(name) {
  return `arn:aws:sqs:eu-central-1:000000000000:${name}`;
}

/** What came of commands that were carried out in one shell, from the root of the repository. */
function carriedOut(commands, variables = {}) {
  return spawnSync('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: root,
    env: { ...environment, ...variables },
    encoding: 'utf8',
    timeout: 120_000,
  });
}

function shell(commands, variables) {
  const done = carriedOut(commands, variables);
  assert.equal(done.status, 0, `${commands}\n\n${done.stdout}${done.stderr}`);
}

/** Carries out the blocks of a story in one shell, and compares what each printed with what the page says. */
async function tell(blocks, context) {
  const commands = blocks.map((block) => block.commands).join(`\nprintf '${END_OF_BLOCK}'\n`);
  // It says itself where the API is and who asks.
  const done = carriedOut(commands, { API: undefined, TOKEN: undefined });
  const printed = done.stdout.split(END_OF_BLOCK);
  const succeeded = done.status === 0 ? printed.length : printed.length - 1;
  for (const [index, { commands, prints }] of blocks.entries()) {
    await context.test(commands.split('\n')[0], () => {
      const came = index < printed.length ? printed[index] + done.stderr : 'A block before it failed.';
      assert.ok(index < succeeded, `${commands}\n\n${came}`);
      if (prints !== undefined) assert.match(printed[index].trim(), pattern(prints));
    });
  }
}

/** What fits what a page says is printed; `…` stands for anything. */
function pattern(prints) {
  const parts = prints.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function filled(commands) {
  const complete = Object.entries(VALUES).reduce((text, [name, value]) => text.replaceAll(name, value), commands);
  assert.doesNotMatch(complete, /<[A-Za-z][^<>|&;]*>/, 'a placeholder without a value');
  return complete;
}

/** The words of a synopsis such as `cargo dev mail [<number>] [--json]`, with something for each value. */
function typed(synopsis) {
  const examples = { '<what>': 'routes', '<name>': synopsis.includes('prove') ? 'swap' : 'name', '<id>': 'user_ada' };
  return synopsis
    .replace(/[[\]]/g, '')
    .replace(/(--[a-z-]+) …/g, '$1 1')
    .replace(/…/g, '')
    .replace(/<[^>]*>/g, (value) => examples[value] ?? '1')
    .replace(/ \| /g, ' ');
}

for (const document of documents()) {
  test(document, async (context) => {
    await context.test('its links lead to files and headings that are there', () => {
      for (const { href, path, heading } of links(document)) {
        assert.ok(existsSync(join(root, path)), href);
        if (heading && path.endsWith('.md')) assert.ok(anchors(path).includes(heading), href);
      }
    });

    await context.test('its commands stand in blocks that say so', () => {
      const unnamed = blocks(document, '').filter((block) => block.split('\n').some((line) => COMMAND.test(line)));
      assert.deepEqual(unnamed, []);
    });

    if (document === STORY) {
      await tell(story(document), context);
    } else {
      for (const block of blocks(document, 'sh')) {
        await context.test(block.split('\n')[0], () => shell(filled(block)));
      }
    }

    const commands = new Set(spans(document).filter((span) => COMMAND.test(span) && span.split(' ').length > 2));
    for (const command of commands) {
      await context.test(command, () => shell(typed(command), { ONLY_ARGUMENTS: '1' }));
    }

    for (const statements of blocks(document, 'sql')) {
      await context.test(statements.split('\n')[0], async () => {
        const client = new pg.Client({ connectionString: status.database_url });
        await client.connect();
        try {
          await client.query('BEGIN');
          await client.query(statements);
          await client.query('ROLLBACK');
        } finally {
          await client.end();
        }
      });
    }
  });
}

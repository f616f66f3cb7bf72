/** The examples of the OpenAPI document fit its schemas. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Content {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Parameter {
  name: string;
  schema: { examples?: unknown[] };
  example?: unknown;
}
interface Body {
  $ref?: string;
  content: Record<string, Content>;
}
interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: unknown[] }>; responses: Record<string, Body> };
}

const document: Document = JSON.parse(readFileSync(new URL('../../../../openapi.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addFormat('int32', true);

/** What is wrong with the examples of a schema. */
function problems(what: string, schema: object, examples: unknown[]): string[] {
  assert.notEqual(examples.length, 0, `${what} has no example`);
  const fits = ajv.compile({ ...schema, components: document.components });
  return examples.flatMap((example) => (fits(example) ? [] : [`${what}: ${ajv.errorsText(fits.errors)}`]));
}

function ofContent(what: string, body: Body): string[] {
  const { content } = body.$ref ? document.components.responses[body.$ref.split('/').at(-1)!]! : body;
  return Object.entries(content).flatMap(([type, { schema, example, examples }]) =>
    problems(`${what} ${type}`, schema, examples ? Object.values(examples).map(({ value }) => value) : [example]),
  );
}

it('has examples that fit their schemas', () => {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  assert.ok(operations.length > 30);
  const found = operations.flatMap(({ operationId, parameters = [], requestBody, responses }) => [
    ...parameters.flatMap(({ name, schema, example }) =>
      problems(`${operationId} ${name}`, schema, example === undefined ? (schema.examples ?? []) : [example]),
    ),
    ...(requestBody ? ofContent(`${operationId} body`, requestBody) : []),
    ...Object.entries(responses).flatMap(([status, response]) => ofContent(`${operationId} ${status}`, response)),
  ]);
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    if (schema.examples) found.push(...problems(name, schema, schema.examples));
  }
  assert.deepEqual(found, []);
});

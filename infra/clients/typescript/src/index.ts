/** A typed client of Cairn's API. Paths, parameters, bodies and answers are those of its OpenAPI document (`api.ts`). */

import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.js';

export type { components, operations, paths } from './api.js';

type Schemas = components['schemas'];
export type Comment = Schemas['Comment'];
export type Project = Schemas['Project'];
export type ProjectMember = Schemas['ProjectMember'];
export type Task = Schemas['Task'];
export type TaskWithComments = Schemas['TaskWithComments'];
export type User = Schemas['User'];
export type Workspace = Schemas['Workspace'];
export type WorkspaceDetails = Schemas['WorkspaceDetails'];
export type WorkspaceMember = Schemas['WorkspaceMember'];
/** What every failure looks like. */
export type Failure = Schemas['ErrorBody'];

/** A session token, or what gives one, such as Clerk's `getToken`: it is asked before each request, since tokens live a minute. */
export type Token = string | (() => string | null | Promise<string | null>);

export interface Options {
  /** Where the API is, without `/api`: `http://127.0.0.1:5000`. */
  baseUrl: string;
  /** Who asks. Without it only the routes for anyone answer. */
  token?: Token;
  /** What sends requests, where it is not the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** `GET`, `POST`, `PUT`, `PATCH` and `DELETE` with the paths of the API. */
export type Cairn = Client<paths>;

/** A client of the API at `baseUrl`. */
export function createCairn({ baseUrl, token, fetch }: Options): Cairn {
  const client = createClient<paths>({ baseUrl, fetch });
  client.use({
    async onRequest({ request }) {
      const current = typeof token === 'function' ? await token() : token;
      if (current) request.headers.set('authorization', `Bearer ${current}`);
      return request;
    },
  });
  return client;
}

/** An answer that is not a success, as something to throw. */
export class CairnError extends Error {
  override readonly name = 'CairnError';
  /** The HTTP status. */
  readonly status: number;
  /** For invalid input: what is wrong with which field. */
  readonly errors: Readonly<Record<string, string>>;
  /** By what the request is found in the server's log. */
  readonly requestId: string | null;
  /** After how many seconds to try again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(response: Response, body: Partial<Failure> | undefined) {
    super(body?.message ?? `The API answered ${response.status}`);
    this.status = response.status;
    this.errors = body?.errors ?? {};
    this.requestId = response.headers.get('x-request-id');
    const seconds = response.headers.get('retry-after');
    this.retryAfter = seconds === null ? null : Number(seconds);
  }
}

/** What a call of the client comes to. */
interface Called<B> {
  data?: B;
  error?: Partial<Failure>;
  response: Response;
}

/** The `data` of a body; `null` where there is nothing to tell. */
type Data<B> = B extends { data: infer T } ? T : null;

/** The `data` of a success; throws a `CairnError` for anything else: for who wants to say it once, as query libraries do. */
export async function ok<B extends object>(call: Promise<Called<B>>): Promise<Data<B>> {
  const { data, error, response } = await call;
  if (data === undefined) throw new CairnError(response, error);
  return (data as { data: Data<B> }).data;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/**
 * All items of a list, fetched page by page as they are used:
 *
 *     for await (const task of items((cursor) => cairn.GET('/api/tasks/mine', { params: { query: { limit: 100, cursor } } })))
 */
export async function* items<T>(
  page: (cursor: string | undefined) => Promise<Called<{ data: T[] | Page<T> }>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const part = await ok(page(cursor));
    if (Array.isArray(part)) return yield* part;
    yield* part.items;
    cursor = part.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

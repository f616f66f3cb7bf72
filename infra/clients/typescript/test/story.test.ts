/** The story of a project, through the client, against the running system and its demo data. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { CairnError, createCairn, items, ok, type Project, type Task } from '../src/index.js';
import { apiUrl, mail, token } from './system.js';

const WORKSPACE = 'org_harbor';
const BRUNO = { id: 'user_bruno', email: 'bruno@example.com' };
const NOBODY = '01936f2e-8a50-7c3e-9b1a-000000000000';

describe('the story of a project', () => {
  const baseUrl = apiUrl();
  /** Ada is an ADMIN of the workspace. Her token comes as Clerk gives it: later, and anew for each request. */
  const ada = createCairn({ baseUrl, token: async () => token('user_ada') });
  const bruno = createCairn({ baseUrl, token: token(BRUNO.id) });
  const name = `Client story ${randomUUID()}`;
  let project: Project;
  let task: Task;

  before(async () => {
    project = await ok(
      ada.POST('/api/projects', {
        body: { workspaceId: WORKSPACE, name, status: 'ACTIVE', team_lead: 'ada@example.com', end_date: '2030-06-30' },
      }),
    );
  });

  after(async () => {
    if (project) await ok(ada.DELETE('/api/projects/{projectId}', { params: { path: { projectId: project.id } } }));
  });

  it('begins in a workspace', async () => {
    const { data } = await ada.GET('/api/workspace');
    assert.equal(data?.success, true);
    const workspaces = data.data;
    assert.ok(Array.isArray(workspaces), 'without a limit it is the whole list');
    assert.equal(workspaces.find(({ id }) => id === WORKSPACE)?.role, 'ADMIN');
  });

  it('makes a project, which has what was asked for', () => {
    assert.equal(project.name, name);
    assert.equal(project.status, 'ACTIVE');
    assert.equal(project.description, null);
    assert.equal(project.end_date, '2030-06-30T00:00:00.000Z');
    assert.equal(project.owner.email, 'ada@example.com');
  });

  it('adds a member', async () => {
    const params = { path: { projectId: project.id } };
    const added = await ok(
      ada.POST('/api/projects/{projectId}/add-member', { params, body: { email: BRUNO.email } }),
    );
    assert.equal(added.newMember.user.id, BRUNO.id);
  });

  it('gives the member a task, once', async () => {
    const create = () =>
      ok(
        ada.POST('/api/tasks/project/{projectId}/tasks', {
          params: { path: { projectId: project.id }, header: { 'Idempotency-Key': name } },
          body: { title: name, type: 'FEATURE', assigneeId: BRUNO.id, due_date: '2030-03-01T09:30:00Z' },
        }),
      );
    task = await create();
    assert.equal(task.type, 'FEATURE');
    assert.equal(task.assignee.id, BRUNO.id);
    assert.equal((await create()).id, task.id, 'the same key makes nothing new');
  });

  it('tells the member by mail', async () => {
    const { subject, text } = await mail(
      ({ to, text, subject }) => to.includes(BRUNO.email) && `${subject} ${text}`.includes(name),
    );
    assert.match(`${subject} ${text}`, /Client story/);
  });

  it('is talked about', async () => {
    const params = { path: { taskId: task.id } };
    const comment = await ok(
      bruno.POST('/api/tasks/{taskId}/comments', { params, body: { message: 'On it.' } }),
    );
    assert.equal(comment.user.id, BRUNO.id);
    const page = await ok(ada.GET('/api/tasks/{taskId}/comments', { params }));
    assert.deepEqual(page.items.map(({ content }) => content), ['On it.']);
    assert.equal(page.nextCursor, null);
  });

  it('has lists that come whole, filtered, and page by page', async () => {
    for (const number of [2, 3]) {
      await ok(
        ada.POST('/api/tasks/project/{projectId}/tasks', {
          params: { path: { projectId: project.id } },
          body: { title: `${name} ${number}`, assigneeId: 'user_ada', due_date: '2030-03-02' },
        }),
      );
    }
    const list = (query: { limit?: number; cursor?: string; status?: 'TODO' | 'DONE' }) =>
      ada.GET('/api/tasks/project/{projectId}/tasks', { params: { path: { projectId: project.id }, query } });
    const titles: string[] = [];
    let pages = 0;
    for await (const { title } of items((cursor) => (pages++, list({ limit: 2, cursor })))) titles.push(title);
    assert.deepEqual(titles, [name, `${name} 2`, `${name} 3`]);
    assert.equal(pages, 2);
    const whole: string[] = [];
    for await (const { id } of items(() => list({}))) whole.push(id);
    assert.equal(whole.length, 3);
    assert.deepEqual(await ok(list({ status: 'DONE' })), []);
  });

  it('goes on: the member finishes the task', async () => {
    const params = { path: { taskId: task.id } };
    const { data } = await bruno.PATCH('/api/tasks/{taskId}', { params, body: { status: 'DONE' } });
    assert.equal(data?.message, 'Task updated successfully');
    assert.equal(data?.data.status, 'DONE');
  });

  it('refuses what is not allowed, in types', async () => {
    const { data, error, response } = await createCairn({ baseUrl }).GET('/api/workspace');
    assert.equal(response.status, 401);
    assert.equal(data, undefined);
    assert.deepEqual(error, { success: false, message: 'Unauthorized access' });

    const notTheLead = bruno.POST('/api/tasks/project/{projectId}/tasks', {
      params: { path: { projectId: project.id } },
      body: { title: 'Mine', assigneeId: BRUNO.id, due_date: '2030-03-01' },
    });
    await assert.rejects(ok(notTheLead), refusal(403, 'Only Team Lead can perform this action'));

    const unknown = ada.GET('/api/tasks/{taskId}', { params: { path: { taskId: NOBODY } } });
    await assert.rejects(ok(unknown), refusal(404, 'Task not found or unauthorized'));

    const untitled = ada.POST('/api/tasks/project/{projectId}/tasks', {
      params: { path: { projectId: project.id } },
      // @ts-expect-error A task has a title: the compiler knows, and so does the server.
      body: { assigneeId: BRUNO.id, due_date: '2030-03-01' },
    });
    await assert.rejects(ok(untitled), (thrown) => {
      assert.ok(thrown instanceof CairnError);
      assert.deepEqual([thrown.status, thrown.message, thrown.errors], [400, 'Title is required', { title: 'is required' }]);
      assert.ok(thrown.requestId);
      return true;
    });
  });
});

function refusal(status: number, message: string) {
  return (thrown: unknown) => thrown instanceof CairnError && thrown.status === status && thrown.message === message;
}

import type { Instance, Node } from '../../api/schema';
import { stepsOf } from '../steps';

function instance(
  status: string,
  started_at: number | null = 1,
  revision = 2
): Instance {
  return { id: status, status, started_at, revision, reason: '' } as Instance;
}

function states(
  instances: Instance[],
  more: Partial<Node> = {},
  count = instances.length
): string[] {
  const node = {
    status: 'PREPARING',
    backend: 'docker',
    revision: 2,
    provisioning: { instances: count },
    instances,
    ...more
  } as Node;
  return stepsOf(node).map(one => one.state);
}

describe('stepsOf', () => {
  it('follows an instance on its way up', () => {
    expect(states([instance('CREATED', null)])).toEqual([
      'now',
      'next',
      'next'
    ]);
    expect(states([instance('PREPARING', null)])).toEqual([
      'now',
      'next',
      'next'
    ]);
    expect(states([instance('STARTED')])).toEqual(['done', 'now', 'next']);
    expect(states([instance('PREPARING')])).toEqual(['done', 'done', 'now']);
    expect(states([instance('HEALTHY')])).toEqual([]);
  });

  it('builds nothing for processes', () => {
    const process = { backend: 'process' };
    expect(states([], process, 1)).toEqual(['now', 'next']);
    expect(states([instance('CREATED')], process)).toEqual(['now', 'next']);
    expect(states([instance('PREPARING')], process)).toEqual(['done', 'now']);
  });

  it('waits for the slowest, of the newest revision', () => {
    const old = instance('HEALTHY', 1, 1);
    const both = [old, instance('HEALTHY'), instance('STARTED')];
    expect(states(both, {}, 2)).toEqual(['done', 'now', 'next']);
    expect(states([old, instance('HEALTHY')], {}, 2)).toEqual([
      'now',
      'next',
      'next'
    ]);
  });

  it('says at which one it failed', () => {
    const failed = { status: 'FAILED' } as const;
    expect(states([instance('UNHEALTHY')], failed)).toEqual([
      'done',
      'done',
      'failed'
    ]);
    expect(states([instance('UNHEALTHY', null)], failed)).toEqual([
      'failed',
      'next',
      'next'
    ]);
  });

  it('has nothing to tell of what is not to run', () => {
    expect(states([], { status: 'SUSPENDED' }, 1)).toEqual([]);
  });
});

import type { Instance, Node } from '../api/schema';

export type StepName = 'image' | 'start' | 'check';

/**
 * A step on the way up, and how far it is.
 */
export interface IStep {
  name: StepName;
  state: 'done' | 'now' | 'next' | 'failed';
}

/**
 * How the node's newest revision comes up, as its slowest instance tells; none when it is up, and
 * while it is not to run.
 */
export function stepsOf(node: Node): IStep[] {
  if (node.status === 'SUSPENDED' || node.status === 'DELETING') {
    return [];
  }
  const names: StepName[] =
    node.backend === 'process'
      ? ['start', 'check']
      : ['image', 'start', 'check'];
  const wanted = node.instances.filter(one => one.revision === node.revision);
  const reached = wanted.map(one => reachedBy(one));
  if (wanted.length < node.provisioning.instances) {
    reached.push(names[0]);
  }
  const slowest = Math.min(
    ...reached.map(name => (name ? names.indexOf(name) : names.length))
  );
  if (slowest >= names.length) {
    return [];
  }
  const at = Math.max(slowest, 0); // a process has no image to wait for
  const failed = node.status === 'FAILED' || node.status === 'UNHEALTHY';
  return names.map((name, index) => ({
    name,
    state: index < at ? 'done' : index > at ? 'next' : failed ? 'failed' : 'now'
  }));
}

/**
 * The step that an instance is at; null when it is past all. Before there is anything to start it has
 * no time of its start.
 */
function reachedBy(one: Instance): StepName | null {
  switch (one.status) {
    case 'HEALTHY':
      return null;
    case 'CREATED':
      return one.started_at ? 'start' : 'image';
    case 'STARTED':
      return 'start';
    default:
      return one.started_at ? 'check' : 'image';
  }
}

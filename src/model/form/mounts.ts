import type { Mount } from '../../api/schema';
import { lines } from './reader';

/**
 * Mounts as they are typed, one in a line: SOURCE[:TARGET][:rw].
 */
export function mountsDraft(mounts: Mount[]): string {
  return mounts.map(mountLine).join('\n');
}

export function readMounts(text: string): Mount[] {
  return lines(text).map(line => {
    const parts = line.split(':');
    const ways = ['rw', 'ro'];
    const way = ways.includes(parts[parts.length - 1]) ? parts.pop() : 'ro';
    const [source, target = ''] = parts;
    return { source, target: target || source, read_only: way !== 'rw' };
  });
}

function mountLine({ source, target, read_only }: Mount): string {
  const place = target && target !== source ? `${source}:${target}` : source;
  return read_only ? place : `${place}:rw`;
}

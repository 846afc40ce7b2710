/**
 * A line of a node's log as people read it: `00:10:36.081 request status=200 …`; what is not a JSON
 * object stays as it is.
 */
export function readable(line: string): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return line;
  }
  const { time, event, ...rest } = record as Record<string, unknown>;
  const clock = /T([\d:.]+)/.exec(String(time))?.[1] ?? '';
  const facts = Object.entries(rest)
    .filter(([, value]) => value !== '' && value !== null)
    .map(([name, value]) => `${name}=${shown(value)}`);
  return [clock, event, ...facts].filter(Boolean).join(' ');
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/[\s"]/.test(value)
    ? value
    : JSON.stringify(value);
}

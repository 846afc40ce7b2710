import { mountsDraft, readMounts } from '../form/mounts';

describe('Mounts as they are typed', () => {
  it.each([
    ['/data', '/data', '/data', true],
    ['/data:/in', '/data', '/in', true],
    ['/data:rw', '/data', '/data', false],
    ['/data:/in:rw', '/data', '/in', false]
  ])('%s', (text, source, target, read_only) => {
    const mounts = [{ source, target, read_only }];
    expect(readMounts(text)).toEqual(mounts);
    expect(mountsDraft(mounts)).toBe(text);
  });

  it('leaves out empty lines, and takes ro as what it is anyway', () => {
    expect(readMounts('\n /a:ro \n')).toEqual([
      { source: '/a', target: '/a', read_only: true }
    ]);
  });
});

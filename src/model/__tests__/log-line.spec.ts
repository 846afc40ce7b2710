import { readable } from '../log-line';

describe('readable', () => {
  it('shortens a record to what matters', () => {
    const line =
      '{"time":"2026-11-23T00:10:37.685Z","event":"request","status":200,"reason":"","stdout":"a b\\n"}';
    expect(readable(line)).toBe(
      '00:10:37.685 request status=200 stdout="a b\\n"'
    );
  });

  it.each(['Traceback (most recent call last):', '[1, 2]', '17', 'null'])(
    'leaves %s alone',
    line => expect(readable(line)).toBe(line)
  );
});

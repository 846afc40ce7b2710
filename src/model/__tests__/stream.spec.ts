import { ServerConnection } from '@jupyterlab/services';

import { EventStream } from '../stream';

/**
 * A socket that the test opens, speaks through and closes.
 */
class FakeSocket {
  static made: FakeSocket[] = [];

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  onopen = () => undefined;
  onclose = () => undefined;
  onmessage: (message: { data: string }) => void = () => undefined;
  close(): void {
    this.onclose();
  }
}

function stream(): EventStream {
  FakeSocket.made = [];
  return new EventStream(
    ServerConnection.makeSettings({
      baseUrl: 'http://lab.test/user/ann/',
      wsUrl: 'ws://lab.test/user/ann/',
      token: 'a b',
      appendToken: true,
      WebSocket: FakeSocket as unknown as typeof WebSocket
    })
  );
}

describe('EventStream', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('subscribes below the base URL, with the token', () => {
    const events = stream();
    expect(FakeSocket.made[0].url).toBe(
      'ws://lab.test/user/ann/api/events/subscribe?token=a%20b'
    );
    events.dispose();
  });

  it('passes events on', () => {
    const events = stream();
    const got: unknown[] = [];
    events.event.connect((_, event) => got.push(event));
    FakeSocket.made[0].onmessage({ data: '{"schema_id": "s", "id": "1"}' });
    expect(got).toEqual([{ schema_id: 's', id: '1' }]);
    events.dispose();
  });

  it('comes back after the server went, and waits longer each time', () => {
    const events = stream();
    const open: boolean[] = [];
    events.openChanged.connect((_, value) => open.push(value));
    FakeSocket.made[0].onopen();
    FakeSocket.made[0].onclose();
    jest.advanceTimersByTime(500);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.made[1].onclose();
    jest.advanceTimersByTime(500);
    expect(FakeSocket.made).toHaveLength(2);
    jest.advanceTimersByTime(500);
    expect(FakeSocket.made).toHaveLength(3);
    FakeSocket.made[2].onopen();
    expect(open).toEqual([true, false, false, true]);
    events.dispose();
  });

  it('stays away once disposed', () => {
    const events = stream();
    events.dispose();
    jest.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
  });
});

import { headersOf } from '../headers';

describe('headersOf', () => {
  it('takes a name and a value from each line that has both', () => {
    expect(
      headersOf('Accept: text/html\n\n X-Time : 12:30 \nnot a header\nempty:')
    ).toEqual({ Accept: 'text/html', 'X-Time': '12:30', empty: '' });
  });
});

import { nullTranslator } from '@jupyterlab/translation';

import { Words } from '../words';

const trans = nullTranslator.load('jupyter_node_deploy');

describe('Words', () => {
  const taken = {
    message: "A node named 'a' exists already.",
    reason: 'NODE_NAME_TAKEN',
    metadata: { name: 'a' }
  };

  it('leaves English as it is', () => {
    expect(new Words(trans, 'en').say(taken)).toBe(taken.message);
  });

  it('goes by the reason in other languages', () => {
    expect(new Words(trans, 'ru-RU').say(taken)).toBe(
      'There is a node a already.'
    );
  });

  it('translates a cause, too', () => {
    const cause = {
      message: 'No.',
      reason: 'INSTANCE_NOT_READY',
      metadata: { seconds: 600 }
    };
    const reason_info = {
      reason: 'INSTANCE_FAILED',
      metadata: { count: 3, cause }
    };
    expect(new Words(trans, 'ru').reason({ reason: '…', reason_info })).toBe(
      'Failures in a row: 3. It was not ready after 600 seconds.'
    );
  });

  it('falls back to the words of the server', () => {
    const words = new Words(trans, 'ru');
    expect(words.say({ message: 'Odd.', reason: 'UNHEARD_OF' })).toBe('Odd.');
    expect(words.say({ ...taken, metadata: {} })).toBe(taken.message);
    expect(words.reason({ reason: 'Old.', reason_info: null })).toBe('Old.');
  });
});

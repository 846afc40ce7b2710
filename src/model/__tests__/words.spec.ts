import type { IJsonData } from '@jupyterlab/translation/lib/gettext';
import { Gettext } from '@jupyterlab/translation/lib/gettext';
import { readFileSync } from 'fs';
import { join } from 'path';

import { Words } from '../words';

const CATALOG = join(
  ...[__dirname, '..', '..', '..', 'jupyter_node_deploy', 'locale'],
  ...['ru_RU', 'LC_MESSAGES', 'jupyter_node_deploy.json']
);

/**
 * Words of a language, from a catalog.
 */
function words(language: string, catalog: Record<string, unknown>): Words {
  const trans = new Gettext({ domain: 'd', locale: 'ru' });
  const head = {
    domain: 'd',
    language: 'ru',
    pluralForms: 'nplurals=1; plural=0;'
  };
  trans.loadJSON({ ...catalog, '': head } as IJsonData, 'd');
  return new Words(trans, language);
}

describe('Words', () => {
  const said = (
    template: string,
    metadata: Record<string, unknown>,
    message = 'In English.'
  ) => ({ message, reason: 'ODD', template, metadata });

  const catalog = JSON.parse(readFileSync(CATALOG, 'utf8'));
  const russian = words('ru-RU', catalog);
  const taken = said(
    "A node named '{name}' exists already. Choose another name, or update that node.",
    { name: 'a' }
  );

  it('leaves English as it is', () => {
    expect(words('en', catalog).say(taken)).toBe('In English.');
  });

  it('goes by the template in other languages', () => {
    expect(russian.say(taken)).toBe(
      'Нода a уже есть. Выберите другое имя или измените ту ноду.'
    );
  });

  it('translates causes, too, however deep', () => {
    const cause = said('It failed {count} times. {cause}', {
      count: 3,
      cause: said('The process is gone: {cause}. Its last lines:\n{log}', {
        cause: 'it ended',
        log: 'a {count} b\nKeyError'
      })
    });
    const { message, ...reason_info } = said('Revision {revision}: {cause}', {
      revision: 2,
      cause
    });
    expect(russian.reason({ reason: message, reason_info })).toBe(
      'Ревизия 2: Неудач подряд: 3. ' +
        'Процесс завершился: it ended. Последние строки:\na {count} b\nKeyError'
    );
  });

  it.each([
    ["из '{list}'", { list: ['a', 'b'] }, "из 'a', 'b'"],
    ['из {list}: {n}', { list: ['a', 'b'], n: 600.0 }, 'из a, b: 600'],
    ['нет. {gone} Да', { gone: '' }, 'нет. Да'],
    ["нет '{gone}'", { gone: null }, "нет ''"],
    ['{a} {b}', { a: '{b}', b: '$1 %1' }, '{b} $1 %1']
  ])('fills %s as the server does', (translation, metadata, text) => {
    const filled = words('ru', { key: [translation] });
    expect(filled.say(said('key', metadata))).toBe(text);
  });

  it('falls back to the words of the server', () => {
    expect(russian.say({ message: 'Odd.', reason: 'X' })).toBe('Odd.');
    expect(russian.say(said('Unheard {of}', { of: 1 }))).toBe('In English.');
    expect(russian.say({ ...taken, metadata: {} })).toBe('In English.');
    expect(russian.reason({ reason: 'Old.', reason_info: null })).toBe('Old.');
  });
});

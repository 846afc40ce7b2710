import { Notification } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Session } from '@jupyterlab/services';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { aSummary } from '../../__tests__/answers';
import { Server } from '../../__tests__/server';
import { uiOn } from '../../__tests__/shown';
import type { FoundCheckpoint } from '../../api/schema';
import { deployCell } from '../deploy';

const NOTHING: FoundCheckpoint = {
  changed: false,
  checkpoint: null,
  gone: null
};
const GONE = {
  ...NOTHING,
  gone: { reason: 'budget', created_at: 1, gone_at: 2 }
} as FoundCheckpoint;
const FRESH = 'Run all up to it in a fresh kernel';

interface IKernel {
  /** The error that a cell raises in a fresh kernel. */
  raises?: string;
  tags?: string[];
}

/**
 * Deploys the last cell of a notebook.
 */
function deploy(
  found: FoundCheckpoint[],
  { raises, tags = [] }: IKernel = {},
  executionState = 'idle'
) {
  const answers = [...found];
  const server = new Server()
    .on('GET checkpoints', { checkpoints: [aSummary({ created_at: 1 })] })
    .on('POST checkpoints:find', () =>
      answers.length > 1 ? answers.shift()! : answers[0]
    )
    .on('POST checkpoints', { id: 'made' });
  const { store, trans } = uiOn(server);
  const cells = ['a = 1', 'b = a'].map(
    (source, index) =>
      ({
        model: {
          id: `cell-${index}`,
          type: 'code',
          executionCount: index + 1,
          executionState,
          sharedModel: { getSource: () => source },
          getMetadata: () => tags
        },
        outputArea: { future: { msg: { header: { msg_id: `run-${index}` } } } }
      }) as unknown as CodeCell
  );
  const panel = {
    content: { widgets: cells },
    context: { path: 'dice.ipynb', localPath: 'dice.ipynb' },
    sessionContext: { session: { kernel: { id: 'k1', name: 'python3' } } }
  } as unknown as NotebookPanel;
  const ran: string[] = [];
  const shutdown = jest.fn(async () => undefined);
  const sessions = {
    startNew: jest.fn(async () => ({
      shutdown,
      dispose: () => undefined,
      kernel: {
        id: 'fresh',
        requestExecute: ({ code }: { code: string }) => {
          ran.push(code);
          const content = raises
            ? { status: 'error', ename: raises, evalue: 'no' }
            : { status: 'ok' };
          return { done: Promise.resolve({ content }) };
        }
      }
    }))
  } as unknown as Session.IManager;
  const opened: string[] = [];
  const done = deployCell(panel, cells[1], store, sessions, trans, one =>
    opened.push(one)
  );
  return { done, opened, ran, sessions, shutdown, server };
}

async function press(label: string) {
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: label }));
}

function told(): string {
  return Notification.manager.notifications.map(one => one.message).join(' ');
}

describe('deployCell', () => {
  it('opens the form from the run that the cell shows', async () => {
    const { done, opened } = deploy([
      { ...NOTHING, checkpoint: aSummary({ id: 'shown' }) }
    ]);
    await done;
    expect(opened).toEqual(['shown']);
  });

  it('refuses a cell that still runs', async () => {
    const { done, opened } = deploy([NOTHING], {}, 'running');
    await done;
    expect(told()).toContain('The cell is still running');
    expect(opened).toEqual([]);
  });

  it('runs all in a fresh kernel, which it ends, where the state is gone', async () => {
    const { done, opened, ran, shutdown } = deploy([GONE]);
    await press(FRESH);
    await done;
    expect(ran).toEqual(['a = 1', 'b = a']);
    expect(opened).toEqual(['made']);
    expect(shutdown).toHaveBeenCalledTimes(1);
  });

  it('says what a cell raised there', async () => {
    const { done, opened, ran, shutdown } = deploy([GONE], {
      raises: 'KeyError'
    });
    await press(FRESH);
    await done;
    expect(told()).toContain('Cell 1 raised KeyError in a fresh kernel: no');
    expect([opened, ran]).toEqual([[], ['a = 1']]);
    expect(shutdown).toHaveBeenCalledTimes(1);
  });

  it('goes on after an error that the notebook expects', async () => {
    const { done, opened } = deploy([GONE], {
      raises: 'KeyError',
      tags: ['raises-exception']
    });
    await press(FRESH);
    await done;
    expect(opened).toEqual(['made']);
  });

  it('does nothing when the user thinks better of it', async () => {
    const { done, opened, ran } = deploy([GONE]);
    await press('Cancel');
    await done;
    expect([opened, ran]).toEqual([[], []]);
  });

  it('runs the cell here, and waits for the checkpoint of that run', async () => {
    const run = jest.spyOn(NotebookActions, 'runCells').mockResolvedValue(true);
    const { done, opened } = deploy([
      GONE,
      { ...NOTHING, checkpoint: aSummary({ id: 'new', created_at: 5 }) }
    ]);
    await press('Run and deploy');
    await done;
    expect(run.mock.calls[0][1]).toHaveLength(1);
    expect(opened).toEqual(['new']);
  });

  describe('where the run leaves no checkpoint', () => {
    beforeEach(() => {
      jest.spyOn(NotebookActions, 'runCells').mockResolvedValue(true);
      jest.useFakeTimers({ advanceTimers: 50 });
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('tells what the kernel says of it', async () => {
      const { done, opened, server } = deploy([GONE]);
      server.on('POST checkpoints', () => {
        throw new Error('The kernel refused: No space left on device');
      });
      await press('Run and deploy');
      await done;
      expect(told()).toContain('No space left on device');
      expect(opened).toEqual([]);
    });

    it('takes the one that the kernel makes late', async () => {
      const { done, opened } = deploy([GONE]);
      await press('Run and deploy');
      await done;
      expect(opened).toEqual(['made']);
    });
  });

  it('says that a cell that it ran here raised an error', async () => {
    jest.spyOn(NotebookActions, 'runCells').mockResolvedValue(false);
    const { done, opened } = deploy([GONE]);
    await press('Run and deploy');
    await done;
    await waitFor(() => expect(told()).toContain('A cell raised an error'));
    expect(opened).toEqual([]);
  });

  it('deploys a cell that has changed since as it ran, if that is wanted', async () => {
    const { done, opened } = deploy([
      { ...NOTHING, changed: true, checkpoint: aSummary({ id: 'before' }) }
    ]);
    await press('Deploy as it ran');
    await done;
    expect(opened).toEqual(['before']);
  });
});

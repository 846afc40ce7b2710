import { screen, waitFor, within } from '@testing-library/react';

import {
  aCell,
  aDocker,
  anInstance,
  aSummary,
  aVariable
} from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { showPage } from './shown-page';

const part = (name: string) => within(screen.getByRole('region', { name }));

/**
 * What the page says of a setting.
 */
function setting(name: string): string | null {
  const term = part('Settings').getByText(name);
  return term.nextElementSibling!.textContent;
}

describe('Overview', () => {
  it('shows the instances, each with its revision and what is wrong with it', async () => {
    await showPage({
      instances: [
        anInstance({ revision: 3, notes: ['It replaced its worker.'] }),
        anInstance({
          id: 'i2',
          revision: 4,
          status: 'FAILED',
          reason: 'It ran out of memory.',
          started_at: null
        })
      ]
    });
    const cells = part('Instances')
      .getAllByRole('row')
      .map(row => [...row.children].map(one => one.textContent));
    expect(cells).toEqual([
      ['Instance', 'Revision', 'Status', 'Started'],
      ['i1', '3', '✓HEALTHYIt replaced its worker.', '3 hr. ago'],
      ['i2', '4', '!FAILEDIt ran out of memory.', '–']
    ]);
  });

  it('says what the node has otherwise than the notebook, and what was compared', async () => {
    await showPage({
      warnings: ["'signal.rate' does not come back."],
      warnings_info: [null],
      verification: {
        differences: [],
        compared: 3,
        partly: ['model'],
        unverified: ['frame']
      }
    });
    screen.getByText("'signal.rate' does not come back.");
    expect(setting('Verified')).toBe(
      '3 variables comparedNot as a whole: modelNot verified: frame'
    );
  });

  it('says that no instance runs', async () => {
    await showPage({ status: 'SUSPENDED', instances: [] });
    part('Instances').getByText('No instance runs.');
  });

  it('shows what goes in and what comes out of a cell', async () => {
    await showPage({
      cell: aCell({
        inputs: [
          aVariable('sides', { type: 'int', description: 'of the die' }),
          aVariable('seed', { required: false })
        ],
        outputs: []
      })
    });
    const inputs = part('Input variables').getAllByRole('listitem');
    expect(inputs.map(one => one.textContent)).toEqual([
      'sides: int of the die',
      'seed: any optional'
    ]);
    part('Output variables').getByText('None');
  });

  it('shows the settings of a cell, folders by their names', async () => {
    await showPage({
      cell: aCell({
        requirements: ['numpy==2.0', 'pandas==3.0'],
        isolation: 'request',
        timeout: 12.5,
        env: [{ name: 'MODE', value: 'fast', secret: null }]
      }),
      acl: ['f-default', 'f-team', 'f-gone']
    });
    await waitFor(() => expect(setting('Folder')).toBe('default'));
    expect(setting('Access control list (ACL)')).toBe('default, team, f-gone');
    expect(setting('Requirements')).toBe('numpy==2.0, pandas==3.0');
    expect(setting('Isolation')).toBe('request');
    expect(setting('Timeout, seconds')).toBe('12.5');
    expect(setting('Environment variables')).toBe('MODE');
    expect(setting('Backend')).toBe('container');
    expect(setting('Created')).toBe('3 hr. ago');
  });

  it('leads to the checkpoint', async () => {
    const server = new Server().on('GET checkpoints', {
      checkpoints: [aSummary({ name: 'best', pinned: true })]
    });
    const { ui, user } = await showPage({}, 'Logs', server);
    await ui.store.refresh();
    await user.click(screen.getByRole('tab', { name: 'Overview' }));
    await user.click(screen.getByRole('button', { name: 'best' }));
    expect(ui.openCheckpoint.mock.calls).toEqual([['c1']]);
  });

  it('names a checkpoint that is not in the list', async () => {
    await showPage({ cell: aCell({ checkpoint: 'gone' }) });
    expect(setting('Checkpoint')).toBe('gone');
  });

  it('shows the settings of a Docker image', async () => {
    const { endpoint } = aDocker();
    await showPage({
      type: 'docker',
      docker: aDocker({
        command: ['serve', '--fast'],
        endpoint: { ...endpoint, type: 'grpc', port: 50051 },
        telemetry: { type: 'prometheus', path: '/m', port: 9100 },
        healthcheck: {
          type: 'http',
          port: 81,
          path: '/ready',
          timeout: 1,
          interval: 1,
          fails_threshold: 1,
          passes_threshold: 1
        }
      })
    });
    expect(setting('Docker image')).toBe('registry.test/hello:1');
    expect(setting('Command')).toBe('serve --fast');
    expect(setting('Endpoint')).toBe('gRPC, 50051');
    expect(setting('Telemetry')).toBe('Prometheus, 9100 /m');
    expect(setting('Healthcheck')).toBe('HTTP, 81 /ready');
    expect(
      screen.queryByRole('region', { name: 'Input variables' })
    ).toBeNull();
  });

  it('says what a Docker image goes without', async () => {
    await showPage({ type: 'docker' });
    expect(part('Settings').queryByText('Command')).toBeNull();
    expect(setting('Telemetry')).toBe('None');
    expect(setting('Healthcheck')).toBe('Port takes connections');
  });
});

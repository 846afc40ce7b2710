import { screen, waitFor, within } from '@testing-library/react';

import { aDocker, aSecret } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { NodeCreate } from '../../../api/schema';
import { EMPTY } from '../../../model/form/node';
import { button, field, group, showForm, submit } from './shown-form';

const sent = (server: Server) =>
  (server.bodies('POST nodes') as NodeCreate[]).map(one => one.docker!);

/**
 * The form of a Docker image, with what it cannot go without.
 */
async function show(server = new Server()) {
  const result = await showForm({}, server);
  const { user } = result;
  await user.click(field('Docker'));
  await fill(user, field('Name'), 'hello');
  await fill(user, field('Image path'), 'registry.test/hello:1');
  await fill(user, field('Port', 'Endpoint'), '8080');
  return result;
}

describe('The form of a Docker image', () => {
  it('has no fields of a cell', async () => {
    await show();
    expect(screen.queryByLabelText(/^Checkpoint/)).toBeNull();
    expect(screen.queryByText('Input variables')).toBeNull();
    expect(screen.queryByText('Test', { selector: 'button' })).toBeNull();
  });

  it('is sent with the defaults for what was left alone', async () => {
    const { server, user } = await show();
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(server.bodies('POST nodes')[0]).toMatchObject({
      name: 'hello',
      type: 'docker',
      cell: null
    });
    expect(sent(server)[0]).toEqual(aDocker());
  });

  it('sends command and login', async () => {
    const secrets = [aSecret('registry')];
    const server = new Server().on('GET secrets', { secrets });
    const { user } = await show(server);
    await fill(user, field('Command'), 'serve\n--port=8080\n');
    await fill(user, field('Username'), 'me');
    await screen.findByRole('option', { name: 'registry', hidden: true });
    await user.selectOptions(field('Password secret'), 'registry');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0]).toMatchObject({
      command: ['serve', '--port=8080'],
      username: 'me',
      password_secret: 'registry'
    });
  });

  it('sends how it is called', async () => {
    const { server, user } = await show();
    await user.selectOptions(field('Type', 'Endpoint'), 'HTTP/2');
    await fill(user, field('Timeout, seconds', 'Endpoint'), '1');
    await fill(user, field('Idle timeout, seconds', 'Endpoint'), '2');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].endpoint).toEqual({
      type: 'http2',
      port: 8080,
      timeout: 1,
      idle_timeout: 2
    });
  });

  it('takes telemetry from the port of the endpoint unless told otherwise', async () => {
    const { server, user } = await show();
    await user.selectOptions(field('Type', 'Telemetry'), 'Prometheus');
    expect(field('Port', 'Telemetry').value).toBe('8080');
    await fill(user, field('Port', 'Telemetry'), '9100');
    await fill(user, field('HTTP path', 'Telemetry'), '/m');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    const { telemetry } = sent(server)[0];
    expect(telemetry).toEqual({ type: 'prometheus', path: '/m', port: 9100 });
    await user.selectOptions(field('Type', 'Telemetry'), 'None');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(2));
    expect(sent(server)[1].telemetry).toBeNull();
  });

  it('sends how its health is checked', async () => {
    const { server, user } = await show();
    const part = 'Healthcheck';
    await user.selectOptions(field('Type', part), 'HTTP');
    expect(field('Port', part).value).toBe('8080');
    await fill(user, field('Path', part), '/ready');
    await fill(user, field('Timeout, seconds', part), '2');
    await fill(user, field('Interval, seconds', part), '3');
    await fill(user, field('Fails threshold', part), '4');
    await fill(user, field('Passes threshold', part), '5');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].healthcheck).toEqual({
      type: 'http',
      port: 8080,
      path: '/ready',
      timeout: 2,
      interval: 3,
      fails_threshold: 4,
      passes_threshold: 5
    });
  });

  it('asks a gRPC server for a service instead of a path', async () => {
    const { server, user } = await show();
    const part = within(group('Healthcheck'));
    await user.selectOptions(field('Type', 'Healthcheck'), 'gRPC');
    expect(part.queryByLabelText('Path')).toBeNull();
    await fill(user, part.getByLabelText('Service'), 'greeter');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    expect(sent(server)[0].healthcheck).toMatchObject({
      type: 'grpc',
      path: 'greeter'
    });
  });

  it('sums up what is folded away', async () => {
    const { user } = await show();
    const telemetry = within(group('Telemetry'));
    telemetry.getByText('None', { selector: 'span' });
    await user.selectOptions(field('Type', 'Telemetry'), 'Prometheus');
    telemetry.getByText('Prometheus', { selector: 'span' });
    await user.selectOptions(field('Type', 'Healthcheck'), 'gRPC');
    within(group('Healthcheck')).getByText('gRPC', { selector: 'span' });
  });

  it('keeps both sides while the user goes from one to the other', async () => {
    const { server, user } = await show();
    await user.click(field('Cell'));
    expect(field('Timeout, seconds').value).toBe(EMPTY.cell.timeout);
    await user.click(button('Add: Input variables'));
    await user.click(field('Docker'));
    expect(field('Image path').value).toBe('registry.test/hello:1');
    await submit(user);
    await waitFor(() => expect(sent(server)).toHaveLength(1));
    await user.click(field('Cell'));
    group('New variable');
  });
});

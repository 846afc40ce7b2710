import { screen } from '@testing-library/react';
import * as React from 'react';

import { aNode } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { shown } from '../../../__tests__/shown';
import type { Node } from '../../../api/schema';
import { NodePage } from '../page';

/**
 * The page of a node, on a server that has it.
 *
 * @param tab - the one to open
 */
export async function showPage(
  change: Partial<Node> = {},
  tab = 'Overview',
  server = new Server()
) {
  const node = aNode(change);
  server.on(`GET nodes/${node.id}`, node);
  const calls = { onTitle: jest.fn(), onGone: jest.fn() };
  const result = shown(<NodePage id={node.id} {...calls} />, server);
  await result.user.click(await screen.findByRole('tab', { name: tab }));
  return { ...result, ...calls, node, server };
}

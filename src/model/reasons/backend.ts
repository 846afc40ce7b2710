import type { TranslationBundle } from '@jupyterlab/translation';

import type { Messages } from './write';

/** What backends, engines and registries say. */
export const BACKEND: Messages = {
  // Processes and containers.
  PROCESS_NOT_STARTED: (t, m) =>
    t.__('The instance could not be started: %1', m('cause')),
  PROCESS_ENDED: (t, m) =>
    t.__('The process is gone: %1.', m('cause')) + lastLines(t, m('log')),
  CONTAINER_IN_THE_MAKING: t => t.__('Its container is being made.'),
  CONTAINER_NOT_MADE: (t, m) =>
    t.__('Its container could not be made: %1', m('cause')),
  CONTAINER_NOT_STARTED: (t, m) =>
    t.__('The container could not be started: %1', m('cause')) +
    lastLines(t, m('log')),
  CONTAINER_ENDED: (t, m) =>
    t.__('The container has ended with exit status %1.', m('exit_status')) +
    lastLines(t, m('log')),
  CONTAINER_OUT_OF_MEMORY: (t, m) =>
    t.__('The container reached its memory limit, and was killed.') +
    lastLines(t, m('log')),
  CONTAINER_PAUSED: t =>
    t.__('Somebody has paused its container: docker unpause makes it go on.'),
  INSTANCE_WROTE_FILES: t =>
    t.__('It was ended because it wrote files where only its socket belongs.'),
  GPUS_NOT_AVAILABLE: (t, m) =>
    t.__(
      'The GPUs of the configuration are not to be had. Choose another one, or see to the drivers and the NVIDIA Container Toolkit. (%1)',
      m('cause')
    ),
  DATA_DIR_TOO_LONG: t =>
    t.__(
      'The path of the data directory is too long for sockets. Choose a shorter one: c.NodeDeployApp.data_dir.'
    ),
  MACHINE_REFUSED: (t, m) => t.__('This machine refused: %1', m('cause')),

  // Health.
  INSTANCE_STARTS: (t, m) => t.__('It starts: %1', m('cause')),
  INSTANCE_NOT_LISTENING: (t, m) => t.__('It does not listen: %1', m('cause')),
  INSTANCE_SILENT: (t, m) =>
    t.__(
      'It did not answer within %1 seconds, %2 times in a row.',
      m('seconds'),
      m('times')
    ),
  INSTANCE_HEALTH_UNKNOWN: (t, m) =>
    t.__('Its health could not be asked: %1', m('cause')),
  HEALTH_CHECKS_BEGIN_TO_FAIL: (t, m) =>
    t.__(
      'Health checks that failed: %1 of %2. %3',
      m('failed'),
      m('threshold'),
      m('cause')
    ),
  HEALTH_CHECKS_FAIL: (t, m) =>
    t.__('Health checks that failed in a row: %1. %2', m('failed'), m('cause')),
  HEALTH_CHECKS_PASS_AGAIN: (t, m) =>
    t.__(
      'Health checks passed since it failed: %1 of %2.',
      m('passed'),
      m('threshold')
    ),
  HEALTH_CHECK_NEVER_PASSED: (t, m) =>
    t.__(
      'It did not pass its health check within %1 s: %2. Mend the image or the check; if it only starts slowly, raise the interval or the fails threshold.',
      m('seconds'),
      m('cause')
    ),

  // The engine.
  NO_DOCKER_ENGINE: (t, m) =>
    t.__(
      'Nodes of Docker images need a Docker engine: install and start one, and set the backend to auto or docker. %1',
      m('cause')
    ),
  NO_KERNEL_IMAGES: (t, m) =>
    t.__(
      'An image of your own needs a Docker engine; without one the cell runs with the interpreter of the kernel. %1',
      m('cause')
    ),
  ONE_ZONE: t => t.__('This backend has only the zone “local”.'),
  ENGINE_REFUSED: (t, m) => t.__('The Docker engine refused: %1', m('cause')),
  ENGINE_SILENT: (t, m) =>
    t.__('The Docker engine does not answer: %1', m('cause')),
  ENGINE_DISK_FULL: (t, m) =>
    t.__(
      'The disk of the engine is full, so %1 was not pulled. Make room, for example by docker image prune.',
      m('image')
    ),
  ENGINE_NETWORKS_EXHAUSTED: t =>
    t.__(
      'The Docker engine has no addresses left for the network of another node. Suspend or delete nodes, or give the engine more: default-address-pools in /etc/docker/daemon.json.'
    ),

  // Images and registries.
  ENVIRONMENT_NOT_BUILT: (t, m) =>
    t.__(
      'The environment could not be built: %1. Change the requirements of the node, or choose an image that has the package.',
      m('cause')
    ),
  IMAGE_NOT_FOUND: (t, m) =>
    t.__(
      'The registry %1 has no image %2. Check its name and tag. (%3)',
      m('registry'),
      m('image'),
      m('cause')
    ),
  IMAGE_NOT_PULLED: (t, m) =>
    t.__('The image %1 could not be pulled. %2', m('image'), m('cause')),
  IMAGE_NOT_FOR_MACHINE: (t, m) =>
    t.__(
      'There is no %1 for the processor of this machine. (%2)',
      m('image'),
      m('cause')
    ),
  IMAGE_OF_OTHER_PYTHON: (t, m) =>
    t.__(
      'The image %1 has another Python than the kernel. Choose one with the same.',
      m('image')
    ),
  IMAGE_WITHOUT_PYTHON: (t, m) =>
    t.__(
      'The image %1 has no python3 that starts. Choose one that has the Python of the kernel, and finds it by its PATH.',
      m('image')
    ),
  REGISTRY_UNREACHABLE: (t, m) =>
    t.__(
      'The registry %1 can not be reached. Is its name right, and is it up? (%2)',
      m('registry'),
      m('cause')
    ),
  REGISTRY_NOT_TRUSTED: (t, m) =>
    t.__(
      'The registry %1 has no certificate that the engine trusts. Give the engine its CA, or list it under insecure-registries. (%2)',
      m('registry'),
      m('cause')
    ),
  REGISTRY_LIMITS_PULLS: (t, m) =>
    t.__(
      'The registry %1 wants fewer pulls for now. (%2)',
      m('registry'),
      m('cause')
    ),
  REGISTRY_REFUSES: (t, m) =>
    t.__(
      'The registry %1 refuses %2. Check the name, the user and the secret with the password. (%3)',
      m('registry'),
      m('image'),
      m('cause')
    )
};

function lastLines(t: TranslationBundle, log: string): string {
  return log && ` ${t.__('Its last lines:')}\n${log}`;
}

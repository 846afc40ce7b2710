const jupyterlab = require('@jupyterlab/testing/lib/jest-config');

// Packages that publish ES modules only, which Jest has to transform.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/',
  '@rjsf/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...jupyterlab(__dirname),
  collectCoverageFrom: [
    'src/**/*.{ts,tsx}',
    '!src/api/schema.ts', // generated, and nothing but types
    '!src/**/__tests__/**'
  ],
  coverageReporters: ['text-summary', 'lcov'],
  // What the specs reach: raised with them, never lowered.
  coverageThreshold: {
    global: { statements: 85, branches: 82, functions: 85, lines: 85 }
  },
  reporters: ['default'],
  roots: ['<rootDir>/src'],
  testTimeout: 30_000, // ms
  testRegex: '/src/.*\\.spec\\.tsx?$',
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};

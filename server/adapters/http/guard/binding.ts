import { isIP } from 'node:net';

const isLoopback = (host: string): boolean => {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (address === 'localhost' || address === '::1') return true;
  return isIP(address) === 4 && address.startsWith('127.');
};

/** The fewest characters of a bearer token that can not be guessed. It comes from the environment: a command line is everybody's to read. */
export const TOKEN_MIN_LENGTH = 16;

/** One sentence why the server must not listen there, or undefined when it may. */
export function bindingProblem(host: string, token: string | undefined): string | undefined {
  if (token !== undefined && token.length < TOKEN_MIN_LENGTH) {
    return `BULKHEAD_TOKEN has ${token.length} characters; use at least ${TOKEN_MIN_LENGTH}, for example the output of \`openssl rand -hex 32\`.`;
  }
  if (token !== undefined || isLoopback(host)) return undefined;
  return `Listening on ${JSON.stringify(host)} would show the traffic of your cluster to everyone who can reach it: set BULKHEAD_TOKEN to a secret of at least ${TOKEN_MIN_LENGTH} characters, or listen on 127.0.0.1.`;
}

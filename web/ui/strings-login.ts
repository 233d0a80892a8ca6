/** Words of the login. */
export const loginStrings = {
  title: 'Log in to Bulkhead',
  why: {
    needed: 'This server was started with an access token. Nothing is shown before it is given.',
    ended: 'Your session ended. Log in again: the view you had is kept.',
    'logged-out': 'You are logged out, and this page has forgotten what it showed.',
  },
  token: 'Access token',
  variable: 'BULKHEAD_TOKEN',
  whereFrom: (variable: string) => [
    'The value of ',
    variable,
    ' that the server was started with; whoever runs it knows it. It is sent once, for a session of this browser, and the page keeps no copy.',
  ],
  logIn: 'Log in',
  logOut: 'Log out',
  notLoggedOut: 'Not logged out: the server does not answer. Try again.',
  refusals: {
    token_wrong: 'This is not the token the server was started with. Compare both ends of what you pasted.',
    too_many_attempts:
      'Too many wrong tokens from this address in a minute. Wait a minute, then try again: until then even the right one is refused.',
    too_many_requests: 'Too many requests from this address in a minute. Wait a minute, then try again.',
    too_many_clients:
      'Too many sessions are open on this server. Log out in another browser, then try again.',
    not_found: 'This server no longer asks for a token. Reload the page.',
  } as Readonly<Record<string, string>>,
} as const;

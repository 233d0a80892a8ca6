import { ok } from '#core/result.ts';
import { type Answer, type Api, isLoginRequired } from '../model/ports.ts';

/** Whether the server lets this page in. */
export type Access =
  | { readonly state: 'asking' }
  | { readonly state: 'open'; readonly isByToken: boolean }
  /** Nothing is shown, and the line is closed, until somebody logs in. */
  | { readonly state: 'login'; readonly why: 'needed' | 'ended' | 'logged-out' };

/** What the page remembers between visits, and where; an adapter over the browser's own. */
export interface Memory {
  read(key: string): string | undefined;
  write(key: string, value: string): void;
}

/** Says that this browser logged in, since no script can see the session's cookie; never the token itself. */
const LOGGED_IN = 'bulkhead:logged-in';

export interface DoorParts {
  readonly api: Api;
  readonly memory: Memory;
  access(): Access;
  setAccess(access: Access): void;
}

/** Lets the page in and out. */
export interface Door {
  /** Asks the server whether it lets this page in. */
  readonly knock: () => Promise<void>;
  /** The server refused something for want of a login. */
  refused(): void;
  readonly logIn: (token: string) => Answer<undefined>;
  logOut(): Answer<undefined>;
}

/** The door of one page; the login itself is the server's business, this only follows its answers. */
export function createDoor({ api, memory, access, setAccess }: DoorParts): Door {
  const isRemembered = (): boolean => memory.read(LOGGED_IN) === '1';
  const close = (why: 'needed' | 'ended' | 'logged-out'): void => {
    if (isRemembered()) memory.write(LOGGED_IN, '');
    setAccess({ state: 'login', why });
  };
  /** A server started again without a token knows no logins, whatever this browser remembers. */
  const isByToken = async (): Promise<boolean> => {
    if (!isRemembered()) return false;
    const answer = await api.hasLogin();
    if (answer.ok && !answer.value) memory.write(LOGGED_IN, '');
    return answer.ok && answer.value;
  };
  return {
    async knock() {
      const before = access();
      const answer = await api.training();
      // The refusal was noted on its way here; any other failure is for the page to show.
      if (!answer.ok && isLoginRequired(answer.error)) return;
      const next = { state: 'open', isByToken: answer.ok && (await isByToken()) } as const;
      const isSame = before.state === 'open' && (before.isByToken === next.isByToken || !answer.ok);
      // Whoever logged in or out while this asked knows better.
      if (access() === before && !isSame) setAccess(next);
    },
    refused() {
      if (access().state !== 'login') close(isRemembered() ? 'ended' : 'needed');
    },
    async logIn(token) {
      const answer = await api.logIn(token);
      if (!answer.ok) return answer;
      memory.write(LOGGED_IN, '1');
      setAccess({ state: 'open', isByToken: true });
      return answer;
    },
    async logOut() {
      const answer = await api.logOut();
      if (!answer.ok && !isLoginRequired(answer.error)) return answer;
      close('logged-out');
      return ok(undefined);
    },
  };
}

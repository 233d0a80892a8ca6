import { MantineProvider } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { App } from './app.tsx';
import { LoginPage } from './login-page.tsx';
import { FaultBoundary, LoadingState } from './states.tsx';
import type { Store } from './store.ts';
import { theme } from './theme.ts';
import { StoreContext, useApp, useStore } from './use-app.ts';

/** The page around its store; `nonce` is what the content security policy asks of styles made at run time. */
export function Root({ store, nonce }: { readonly store: Store; readonly nonce: string }): ReactNode {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <FaultBoundary>
        <StoreContext value={store}>
          <Door />
        </StoreContext>
      </FaultBoundary>
    </MantineProvider>
  );
}

const CHECK_MS = 60_000;

/** The page, or the login where the server asks for one; nothing of the page exists before it lets this browser in. */
function Door(): ReactNode {
  const store = useStore();
  const access = useApp((state) => state.access);
  const hasSession = access.state === 'open' && access.isByToken;
  useEffect(() => {
    if (!hasSession) return;
    const timer = setInterval(() => void store.checkAccess(), CHECK_MS);
    return () => clearInterval(timer);
  }, [hasSession, store]);
  if (access.state === 'open') return <App />;
  if (access.state === 'login') return <LoginPage why={access.why} />;
  return <LoadingState rows={12} />;
}

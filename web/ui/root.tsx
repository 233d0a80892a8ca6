import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { App } from './app.tsx';
import { FaultBoundary } from './states.tsx';
import type { Store } from './store.ts';
import { theme } from './theme.ts';
import { StoreContext } from './use-app.ts';

/** The page around its store; `nonce` is what the content security policy asks of styles made at run time. */
export function Root({ store, nonce }: { readonly store: Store; readonly nonce: string }): ReactNode {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <FaultBoundary>
        <StoreContext value={store}>
          <App />
        </StoreContext>
      </FaultBoundary>
    </MantineProvider>
  );
}

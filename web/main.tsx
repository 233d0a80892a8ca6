import './transport/no-eval.ts';
import '@mantine/core/styles.css';
import './ui/tokens.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { httpApi } from './transport/http-api.ts';
import { openLine } from './transport/live-line.ts';
import type { Memory } from './ui/access.ts';
import { Root } from './ui/root.tsx';
import { createStore } from './ui/store.ts';

/** The browser's own storage; a browser that refuses it only forgets where things stood. */
const memory: Memory = {
  read(key) {
    try {
      return localStorage.getItem(key) ?? undefined;
    } catch {
      return undefined; // storage is switched off
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // full or switched off: positions are then computed afresh at the next visit
    }
  },
};

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
setNonce(nonce);
const store = createStore({ openApi: httpApi, memory, openLine, now: Date.now });
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Root store={store} nonce={nonce} />
    </StrictMode>,
  );
}

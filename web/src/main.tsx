import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import './tokens.css';
import { App } from './App';
import { createQueryClient } from './api/client';
import { resumeSession } from './auth/session';

const root = document.getElementById('root');
if (!root) {
  throw new Error('index.html has no #root');
}
// Once for each load of the page, and before React, which may mount a component twice.
void resumeSession();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);

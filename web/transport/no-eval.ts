import { z } from 'zod';

/**
 * Must be imported before any schema: by default zod tries whether it may compile validators with `Function`, which
 * the page's content security policy forbids and reports.
 */
z.config({ jitless: true });

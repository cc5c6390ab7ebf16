import { assignForm, decideForm } from './decide.ts';
import type { BoardDeps } from './deps.ts';
import { orderPage, ordersPage, overviewPage, searchPage } from './pages.ts';
import type { Shown } from './response.ts';
import { taskPage } from './task.ts';
import { tasksPage } from './tasks.ts';
import { confirmTogether, decideTogether } from './together.ts';
import type { Form, Visitor } from './visitor.ts';

/** What somebody wants to see. */
export interface Asked {
  readonly deps: BoardDeps;
  readonly now: Date;
  /** What the pattern of the path has caught. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly visitor: Visitor | undefined;
}

/** What somebody who is logged in wants to change. */
export interface Sent {
  readonly deps: BoardDeps;
  readonly now: Date;
  readonly parts: readonly string[];
  readonly visitor: Visitor;
  readonly form: Form;
  /** The very same form was sent before: nothing may be done again. */
  readonly repeated: boolean;
  /** Told of a failure after which the rest goes on. */
  readonly failed: (error: unknown) => void;
}

export type Send = (sent: Sent) => Promise<Shown>;

/** One address: it shows something and changes nothing, or nobody is led to it. */
export type Route =
  | { readonly path: RegExp; readonly show: (asked: Asked) => Promise<Shown>; readonly send?: undefined }
  | { readonly path: RegExp; readonly send: Send };

/** The first that fits counts. */
const ROUTES: readonly Route[] = [
  { path: /^\/$/, show: overviewPage },
  { path: /^\/orders$/, show: ordersPage },
  { path: /^\/orders\/([^/]{1,100})$/, show: orderPage },
  { path: /^\/search$/, show: searchPage },
  { path: /^\/tasks$/, show: tasksPage },
  { path: /^\/tasks\/together$/, send: confirmTogether },
  { path: /^\/tasks\/together\/decide$/, send: decideTogether },
  { path: /^\/tasks\/([^/]{1,100})$/, show: taskPage },
  { path: /^\/tasks\/([^/]{1,100})\/decide$/, send: decideForm },
  { path: /^\/tasks\/([^/]{1,100})\/assign$/, send: assignForm },
];

/** What there is at an address, and what the pattern has caught of it. */
export function routeOf(path: string): { readonly route: Route | undefined; readonly parts: readonly string[] } {
  for (const route of ROUTES) {
    const [found, ...parts] = route.path.exec(path) ?? [];
    if (found !== undefined) return { route, parts };
  }
  return { route: undefined, parts: [] };
}

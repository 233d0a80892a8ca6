import { describe, expect, test } from 'vitest';
import { AddressBook, type AddressClaim } from '#core/inventory/address-book.ts';
import { ServiceBook } from '#core/inventory/service-book.ts';
import { live } from '../../support/inventory-objects.ts';

const claim = (
  uid: string,
  from: number,
  until?: number,
  more: Partial<AddressClaim> = {},
): AddressClaim => ({
  uid,
  pod: `shop/${uid}`,
  ips: ['10.0.0.7'],
  from,
  isExact: true,
  until,
  at: from,
  ...more,
});

describe('who had an address', () => {
  test('nobody before the pod had it, the pod until it ended, nobody afterwards', () => {
    const book = new AddressBook();
    book.claim(claim('a', 100, 200));
    expect([99, 100, 199, 200].map((at) => book.ownerAt('10.0.0.7', at))).toEqual([
      undefined,
      'shop/a',
      'shop/a',
      undefined,
    ]);
  });

  test('the next owner ends a tenure whose end nobody told, and does not give it back', () => {
    const book = new AddressBook();
    book.claim(claim('b', 150, 180));
    book.claim(claim('a', 100));
    expect([120, 160, 190].map((at) => book.ownerAt('10.0.0.7', at))).toEqual([
      'shop/a',
      'shop/b',
      undefined,
    ]);
  });

  test('two that started in the same moment are nobody, until one of them ended', () => {
    const book = new AddressBook();
    book.claim(claim('a', 100, 150));
    book.claim(claim('b', 100));
    expect([120, 160].map((at) => book.ownerAt('10.0.0.7', at))).toEqual([undefined, 'shop/b']);
  });

  test('an address that is no longer listed was given up by then', () => {
    const book = new AddressBook();
    book.claim(claim('a', 100));
    book.claim(claim('a', 100, undefined, { ips: ['10.0.0.9'], at: 300 }));
    expect([200, 300].map((at) => book.ownerAt('10.0.0.7', at))).toEqual(['shop/a', undefined]);
    expect(book.ownerAt('10.0.0.9', 300)).toBe('shop/a');
  });

  test('says which answers may have changed, and nothing when nothing did', () => {
    const book = new AddressBook();
    expect(book.claim(claim('a', 100))).toEqual(['10.0.0.7']);
    expect(book.claim(claim('a', 100))).toEqual([]);
    expect(book.end('a', 200)).toEqual(['10.0.0.7']);
    expect(book.end('a', 200)).toEqual([]);
  });

  test('what is kept is bounded, and what goes is counted', () => {
    const book = new AddressBook({ tenures: 10, perAddress: 3 });
    for (let each = 0; each < 20; each += 1) book.claim(claim(`p${each}`, each * 10, each * 10 + 5));
    expect(book.shed).toBe(17);
    expect(book.ownerAt('10.0.0.7', 192)).toBe('shop/p19');
  });
});

const service = (clusterIP: string) =>
  live('Service', {
    metadata: { name: 'cart', namespace: 'shop' },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      selector: { app: 'cart' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  });

const slice = (pods: readonly string[], port = 8080) =>
  live('EndpointSlice', {
    metadata: { name: `cart-${port}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'cart' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: pods.map((name, index) => ({
      addresses: [`10.0.0.${index + 1}`],
      targetRef: { kind: 'Pod', namespace: 'shop', name },
    })),
  });

function bookOf(...slices: ReturnType<typeof slice>[]): ServiceBook {
  const book = new ServiceBook();
  const told = service('10.96.0.5').decoded;
  if (told?.type === 'service') book.tellService(told.service);
  for (const { facts } of slices) if (facts.type === 'slice') book.tellSlice(facts);
  return book;
}

describe('what is behind a Service', () => {
  test('its pods, and the port they listen on', () => {
    const book = bookOf(slice(['cart-2', 'cart-1']));
    expect(book.backendOf('10.96.0.5', 'TCP', 80)).toEqual({
      service: 'shop/cart',
      pods: ['shop/cart-1', 'shop/cart-2'],
      port: 8080,
    });
    expect(book.backendOf('10.96.0.5', 'TCP', 81)).toBeUndefined();
    expect(book.backendOf('10.96.0.5', 'UDP', 80)).toBeUndefined();
  });

  test('nothing is said where pods listen on different ports, or none is known', () => {
    expect(bookOf(slice(['a']), slice(['b'], 9090)).backendOf('10.96.0.5', 'TCP', 80)).toBeUndefined();
    expect(bookOf().backendOf('10.96.0.5', 'TCP', 80)).toBeUndefined();
  });
});

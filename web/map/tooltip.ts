import type { Core, EventObject, SingularElementReturnValue } from 'cytoscape';

type Describe = (role: 'vertex' | 'group' | 'line', id: string) => readonly string[];

/** Shows what is under the pointer in full, as text; the element lies above the canvas and takes no clicks. */
export function tooltipIn(cy: Core, container: HTMLElement, describe: Describe): { remove(): void } {
  const tip = container.ownerDocument.createElement('div');
  tip.className = 'bh-map-tip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  container.parentElement?.append(tip);
  cy.on('mouseover', 'node, edge', (event: EventObject) => {
    const element: SingularElementReturnValue = event.target;
    element.addClass('hover');
    container.style.cursor = 'pointer';
    const role: string = element.data('role');
    if (role !== 'vertex' && role !== 'group' && role !== 'line') return;
    const lines = describe(role, element.data('about'));
    tip.replaceChildren(...lines.map((line) => row(tip, line)));
    tip.hidden = lines.length === 0;
    place(tip, container, event.renderedPosition);
  });
  cy.on('mousemove', 'node, edge', (event: EventObject) => place(tip, container, event.renderedPosition));
  cy.on('mouseout remove', 'node, edge', (event: EventObject) => {
    event.target.removeClass('hover');
    container.style.cursor = '';
    tip.hidden = true;
  });
  return { remove: () => tip.remove() };
}

function row(tip: HTMLElement, text: string): HTMLElement {
  const line = tip.ownerDocument.createElement('div');
  line.textContent = text.slice(0, 253);
  return line;
}

function place(
  tip: HTMLElement,
  container: HTMLElement,
  at: { readonly x: number; readonly y: number },
): void {
  const x = Math.min(at.x + 14, container.clientWidth - tip.offsetWidth - 8);
  const y = Math.min(at.y + 16, container.clientHeight - tip.offsetHeight - 8);
  tip.style.transform = `translate(${Math.max(x, 8)}px, ${Math.max(y, 8)}px)`;
}

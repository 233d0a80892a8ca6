/**
 * JSON text in which every character beyond ASCII is escaped: the same value for every reader, and nothing that a
 * terminal, an editor or a YAML reader could take for a control, a line end or a change of direction.
 */
export const asciiJson = (json: string): string =>
  json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The zone that the viewer's device keeps. */
export const viewerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones to choose from; `chosen` is among them even where this browser lists it under another name. */
export function zoneNames(chosen: string): string[] {
  return [...new Set([chosen, ...Intl.supportedValuesOf('timeZone')])].sort();
}

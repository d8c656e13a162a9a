/** The zone that the viewer's device keeps. */
export const viewerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What people call a zone: "Eastern Time" for America/New_York. */
export function zoneName(zone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    timeZoneName: 'longGeneric',
  }).formatToParts();
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** All zones to choose from; `chosen` is among them even where this browser lists it under another name. */
export function zoneNames(chosen: string): string[] {
  return [...new Set([chosen, ...Intl.supportedValuesOf('timeZone')])].sort();
}

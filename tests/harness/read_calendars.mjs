// Reads calendars with ical.js, which shares no line with the library that writes them: a list of texts comes in as
// JSON, and what each says goes out, instants in seconds of UTC. Zones are those that the text itself describes.
import { readFileSync } from 'node:fs';

const { default: ICAL } = await import(new URL('../../local/node_modules/ical.js/dist/ical.js', import.meta.url));

function read(text) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents('vtimezone')) {
    ICAL.TimezoneService.register(zone);
  }
  const events = calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component, { strictExceptions: true });
    const value = (name) => component.getFirstPropertyValue(name);
    return {
      uid: event.uid,
      summary: event.summary,
      location: event.location,
      description: event.description,
      sequence: event.sequence,
      status: value('status'),
      transp: value('transp'),
      url: value('url'),
      changed: value('last-modified').toUnixTime(),
      start: event.startDate.toUnixTime(),
      end: event.endDate.toUnixTime(),
      time_zone: component.getFirstProperty('dtstart').getParameter('tzid') ?? null,
      on_clocks: event.startDate.toString(),
    };
  });
  const said = calendar.getAllProperties().map((property) => [property.name, String(property.getFirstValue())]);
  return { said: Object.fromEntries(said), events };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));

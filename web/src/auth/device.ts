/** A name by which somebody recognises this browser in the list of their sessions. */
export function deviceName(agent: string): string {
  const browser = first(agent, { Edg: 'Edge', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' });
  const system = first(agent, {
    iPhone: 'iPhone',
    iPad: 'iPad',
    Android: 'Android',
    Windows: 'Windows',
    'Mac OS': 'Mac',
    Linux: 'Linux',
  });
  return [browser ?? 'Browser', system].filter(Boolean).join(', ');
}

function first(agent: string, names: Record<string, string>): string | undefined {
  return Object.entries(names).find(([mark]) => agent.includes(mark))?.[1];
}

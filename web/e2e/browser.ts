import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { BASE_URL } from './stack';

const NARROWEST = 320;
// Not under web/: make would take the pictures for sources, and build anew.
export const ARTEFACTS = join(tmpdir(), 'pawtime-web-e2e');

export const SIZES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  desk: { viewport: { width: 1280, height: 860 } },
};

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A browser of one person: everything that the page should never do is noted down. */
export class Person {
  readonly trespasses: string[] = [];
  axeRuns = 0;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly size: keyof typeof SIZES,
    readonly name: string,
  ) {}

  static async arrive(browser: Browser, size: keyof typeof SIZES, name: string): Promise<Person> {
    const context = await browser.newContext({
      ...SIZES[size],
      baseURL: BASE_URL,
      locale: 'en-US',
      timezoneId: 'America/New_York',
    });
    const page = await context.newPage();
    const person = new Person(context, page, size, name);
    page.setDefaultTimeout(15_000);
    page.on('request', (request) => {
      if (!request.url().startsWith(`${BASE_URL}/`)) {
        person.trespasses.push(`asked ${request.url()}`);
      }
    });
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) {
        person.trespasses.push(message.text());
      }
    });
    page.on('pageerror', (error) => person.trespasses.push(`threw ${error.message}`));
    return person;
  }

  /**
   * Looks at the screen as it is: axe in light and in dark, no scrolling sideways down to the narrowest phone,
   * targets that a finger meets, and pictures for people to look at.
   */
  async look(screen: string): Promise<void> {
    const { page } = this;
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page }).analyze();
      this.axeRuns += 1;
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
      expect(found, `axe on ${screen} (${colorScheme}, ${this.size})`).toEqual([]);
      await this.picture(`${this.size}-${screen}-${colorScheme}`);
    }
    if (this.size === 'phone') {
      const { viewport } = SIZES.phone;
      await page.setViewportSize({ ...viewport, width: NARROWEST });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), screen).toBe(NARROWEST);
      await this.picture(`narrow-${screen}`);
      await page.setViewportSize(viewport);
    }
    expect(await page.evaluate(smallTargets), `targets on ${screen}`).toEqual([]);
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: `${ARTEFACTS}/${name}.png`, fullPage: true });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}

/** Controls under 44 px in either direction; links within a sentence are exempt (WCAG 2.5.8). */
function smallTargets(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('button, input, select, textarea, nav a')) {
    const { width, height } = element.getBoundingClientRect();
    if (width > 0 && (width < 43.9 || height < 43.9)) {
      found.push(`${element.outerHTML.slice(0, 120)} ${width}x${height}`);
    }
  }
  return found;
}

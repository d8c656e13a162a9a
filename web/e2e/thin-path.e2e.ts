import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { ARTEFACTS, launch, Person } from './browser';
import { BASE_URL, mailedLink } from './stack';

const PASSWORD = 'a walk in the park 7';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test('the page comes with a strict content security policy', async () => {
  const policy = (await fetch(BASE_URL)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toContain('unsafe-');
});

describe.each(['phone', 'desk'] as const)('two owners on a %s', (size) => {
  let maya: Person;
  let noor: Person;
  const run = Math.random().toString(36).slice(2, 8);
  let place: { beginning: string; label: string };

  beforeAll(async () => {
    place = await anyPlace();
    maya = await Person.arrive(browser, size, `maya_${run}`);
    noor = await Person.arrive(browser, size, `noor_${run}`);
  });
  beforeEach(() => {
    onTestFailed(async () => {
      for (const person of [maya, noor]) {
        process.stdout.write(`${person.name} at ${person.page.url()} ${person.trespasses.join('; ')}\n`);
        await person.picture(`failed-${person.name}`);
      }
    });
  });
  afterAll(async () => {
    await maya.leave();
    await noor.leave();
  });

  test('sign up by a link in the mail', async () => {
    await signUp(maya, 'Maya', true);
    await signUp(noor, 'Noor', false);
  });

  test('a wrong password says so and keeps the name', async () => {
    const { page } = noor;
    await page.getByLabel('Username or e-mail').fill(noor.name);
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Username or password is wrong.').waitFor();
    expect(await page.getByLabel('Username or e-mail').inputValue()).toBe(noor.name);
    await noor.look('sign-in-wrong');
  });

  test('sign in, and stay signed in over a reload without a token in storage', async () => {
    await signIn(maya);
    await signIn(noor);
    const { page } = maya;
    await page.reload();
    await page.getByRole('heading', { name: 'Discover' }).waitFor();
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
      0,
      0,
      '',
    ]);
  });

  test('empty lists say what to do', async () => {
    const { page } = maya;
    await page.getByText('First tell us about your pet.').waitFor();
    await maya.look('discover-no-pets');
    for (const [place, words] of [
      ['Matches', 'No matches yet.'],
      ['Agenda', 'Nothing planned yet.'],
      ['Pets', 'No pets here yet.'],
    ] as const) {
      await page.getByRole('link', { name: place, exact: true }).click();
      await page.getByText(words).waitFor();
      await maya.look(`${place.toLowerCase()}-empty`);
    }
  });

  test('add a pet; what is wrong is said at its field', async () => {
    const { page } = maya;
    await page.getByRole('link', { name: 'Add a pet' }).click();
    await page.getByLabel('Name').fill('Luna');
    await page.getByLabel('Breed').fill('Beagle mix');
    await page.getByRole('button', { name: 'Add this pet' }).click();
    await page.getByText('Please say how old your pet is').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Luna');
    await maya.look('add-pet-problem');
    await page.getByLabel('Birth date').fill('2999-01-01');
    await page.getByRole('button', { name: 'Add this pet' }).click();
    await page.getByText('Must not lie in the future.').waitFor();
    await page.getByLabel('Birth date').fill('');
    await page.getByLabel('Age in years').fill('3');
    await page.getByLabel('Lively').check();
    await page.getByText('More about your pet').click();
    await page.getByLabel('Weight in kg').fill('11.5');
    await page.getByLabel('Vaccinated until').fill('2099-05-31');
    await page
      .getByLabel('Temperament')
      .fill('Shy at first, then loves to chase. Fond of water and of sticks.');
    await page.getByRole('button', { name: 'Add this pet' }).click();
    await page.getByRole('heading', { name: 'Luna' }).waitFor();
    await maya.look('pets');

    await addPet(noor, 'Rex', 'Jack Russell Terrier');
  });

  test('without a place there is nobody to find, and the page says so', async () => {
    await open(maya, 'Discover');
    await maya.page.getByText('Tell us roughly where you are').waitFor();
    await maya.look('discover-no-place');
  });

  test('say where, when and whom', async () => {
    await aboutUs(maya, true);
    await aboutUs(noor, false);
  });

  test('where few fit, the page says what else it looked for, and offers to write', async () => {
    const { page } = maya;
    await open(maya, 'Discover');
    await page.getByText('Only 1 fits all that you ask for right now.').waitFor();
    const beyond = page.getByRole('region', { name: 'Beyond what you ask for' });
    await beyond.getByText('up to 25 km away, not only 10 km').waitFor();
    await page.getByRole('button', { name: 'Tell me when somebody appears' }).click();
    await page.getByText('We will write to you as soon as somebody appears').waitFor();
    await maya.look('discover-few');
    await page.reload();
    await page.getByRole('button', { name: 'Never mind' }).click();
    await page.getByRole('button', { name: 'Tell me when somebody appears' }).waitFor();
  });

  test('say hello; the second hello is a match, whose next step is a time', async () => {
    await sayHello(maya, 'Rex');
    await maya.page.getByText('You said hello.').waitFor();
    await maya.look('discover-hello');

    await sayHello(noor, 'Luna');
    await noor.page.getByText('It’s a match!').waitFor();
    await noor.look('discover-match');
    await open(maya, 'Matches');
    await maya.page.getByRole('heading', { name: 'Rex' }).waitFor();
    await maya.look('matches');
  });

  test('propose a time, accept it', async () => {
    const { page } = noor;
    await page.getByRole('link', { name: 'Propose a time' }).click();
    await page.getByLabel('How long?').selectOption('90');
    await page.getByLabel('Where?').fill('The park by the river, north gate');
    await noor.look('propose');
    await page.getByRole('button', { name: 'Propose this time' }).click();
    await page.getByText('Your proposal is on its way.').waitFor();
    await page.getByText('Waiting for their answer.').waitFor();
    await noor.look('agenda-proposer');

    await open(maya, 'Agenda');
    await maya.page.getByRole('heading', { name: 'Waiting for your answer' }).waitFor();
    expect(await maya.page.getByText('north gate').count()).toBe(0);
    await maya.look('agenda-invited');
    await maya.page.getByRole('button', { name: 'Accept' }).click();
    await maya.page.getByText('Agreed').waitFor();
    await maya.page.getByText('north gate').waitFor();
    await maya.look('agenda-agreed');
  });

  test('what is agreed moves when both want it to', async () => {
    const { page } = maya;
    await page.getByRole('button', { name: 'Another time' }).click();
    await page.getByLabel('How long?').selectOption('30');
    await maya.look('agenda-another-time');
    await page.getByRole('button', { name: 'Ask for this time' }).click();
    await page.getByText('You would like another time:').waitFor();
    await maya.look('agenda-wished');

    await open(noor, 'Discover');
    await open(noor, 'Agenda');
    await noor.page.reload();
    await noor.page.getByText('They would like another time:').waitFor();
    await noor.look('agenda-asked');
    await noor.page.getByRole('button', { name: 'Accept' }).click();
    await noor.page.getByText('They would like another time:').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
  });

  test('cancel with a reason that the other side reads', async () => {
    const { page } = maya;
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByLabel('Why do you cancel?').fill('Luna has a cold.');
    await maya.look('agenda-cancelling');
    await page.getByRole('button', { name: 'Cancel the playdate' }).click();
    await page.getByText('Reason: Luna has a cold.').waitFor();

    await open(noor, 'Discover');
    await open(noor, 'Agenda');
    await noor.page.reload();
    await noor.page.getByText('Reason: Luna has a cold.').waitFor();
    await noor.look('agenda-cancelled');
  });

  test('a second tab is signed in too, and both go on', async () => {
    const second = await maya.context.newPage();
    await Promise.all([second.goto('/pets'), maya.page.goto('/agenda')]);
    await second.getByRole('heading', { name: 'Luna' }).waitFor();
    await maya.page.getByRole('heading', { name: 'Agenda' }).waitFor();
    await maya.page.reload();
    await maya.page.getByText('Reason: Luna has a cold.').waitFor();
    await second.close();
  });

  test('a session that ends asks again and loses nothing that was typed', async () => {
    const { page } = noor;
    await open(noor, 'Pets');
    await page.getByRole('link', { name: 'Add a pet' }).click();
    await page.getByLabel('Name').fill('Pixel');
    await page.getByLabel('Age in years').fill('2');
    // Signed out elsewhere: the cookie is gone, and the access token in memory is refused.
    await noor.context.clearCookies();
    await page.route(
      '**/api/pets',
      (route) => route.fulfill({ status: 401, json: { code: 'unauthenticated' } }),
      { times: 1 },
    );
    await page.getByRole('button', { name: 'Add this pet' }).click();
    await page.getByRole('heading', { name: 'Please sign in again' }).waitFor();
    await noor.look('session-ended');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Username or e-mail').fill(noor.name);
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name').inputValue()).toBe('Pixel');
    await page.getByRole('button', { name: 'Add this pet' }).click();
    await page.getByRole('heading', { name: 'Pixel' }).waitFor();
  });

  test('an unreachable server is said, and trying again helps', async () => {
    const { page } = noor;
    await page.route('**/api/matches*', (route) => route.abort());
    await page.getByRole('link', { name: 'Matches', exact: true }).click();
    await page.goto('/matches');
    await page.getByText('Pawtime cannot be reached right now.').waitFor();
    await noor.look('matches-unreachable');
    await page.unroute('**/api/matches*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Luna' }).waitFor();
  });

  test('sign out, for good', async () => {
    const { page } = maya;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/pets');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('nothing was refused by the policy, thrown, or asked of others', () => {
    expect([...maya.trespasses, ...noor.trespasses]).toEqual([]);
    process.stdout.write(
      `axe: ${maya.axeRuns + noor.axeRuns} screens on a ${size}, 0 findings; pictures in ${ARTEFACTS}\n`,
    );
  });

  async function aboutUs(person: Person, looking: boolean): Promise<void> {
    const { page } = person;
    await open(person, 'About us');
    await page.getByText('You have not said yet.').waitFor();
    if (looking) {
      await person.look('about-us-empty');
    }
    const where = page.getByRole('region', { name: 'Where we are' });
    if (looking) {
      await where.getByRole('button', { name: 'Use my position' }).click();
      await where.getByText('Your browser did not tell us where you are.').waitFor();
      await person.context.grantPermissions(['geolocation']);
      await person.context.setGeolocation({ latitude: 1.5, longitude: 2.5 });
      await where.getByRole('button', { name: 'Use my position' }).click();
      await where.getByText('We have your position.').waitFor();
    }
    const field = where.getByRole('combobox', { name: 'Town or city' });
    await field.fill(place.beginning);
    const option = where.getByRole('option', { name: place.label, exact: true });
    await option.waitFor();
    if (looking) {
      const labels = await where.getByRole('option').allTextContents();
      for (let steps = labels.indexOf(place.label); steps >= 0; steps -= 1) {
        await field.press('ArrowDown');
      }
      expect(await option.getAttribute('aria-selected')).toBe('true');
      await person.look('about-us-places');
      await field.press('Enter');
    } else {
      await option.click();
    }
    expect(await field.inputValue()).toBe(place.label);
    await where.getByRole('button', { name: 'Save' }).click();
    await where.getByText('All that Pawtime keeps').waitFor();

    const when = page.getByRole('region', { name: 'When we have time' });
    await when.getByRole('button', { name: 'Add a time' }).click();
    await when.getByRole('button', { name: 'Add a time' }).click();
    await when.getByLabel('Day').nth(1).selectOption('wednesday');
    await when.getByLabel('From').nth(1).fill('20:00');
    await when.getByLabel('To').nth(1).fill('19:00');
    await when.getByRole('button', { name: 'Save' }).click();
    await when.getByText('Must be later than start').waitFor();
    if (looking) {
      await person.look('about-us-problem');
    }
    await when.getByLabel('From').nth(1).fill('18:00');
    await when.getByRole('button', { name: 'Save' }).click();
    await when.getByText('Saved.').waitFor();

    const whom = page.getByRole('region', { name: 'Whom we look for' });
    await whom.getByLabel('Kind of animal').selectOption('dog');
    await whom.getByLabel('Within (km)').fill('10');
    await whom.getByRole('button', { name: 'Save' }).click();
    await whom.getByText('Saved.').waitFor();
    if (looking) {
      await person.look('about-us');
    }
  }
});

/** A place of this run's own, by the letters that find it: whoever else is in the stack lives elsewhere. */
async function anyPlace(): Promise<{ beginning: string; label: string }> {
  for (;;) {
    const beginning = Math.random()
      .toString(36)
      .replace(/[^a-z]/g, '')
      .slice(0, 2)
      .padEnd(2, 'a');
    const { items } = await (await fetch(`${BASE_URL}/api/places?q=${beginning}&limit=7`)).json();
    if (items.length > 0) {
      return { beginning, label: items[Math.floor(Math.random() * items.length)].label };
    }
  }
}

async function open(person: Person, name: string): Promise<void> {
  await person.page.getByRole('link', { name, exact: true }).first().click();
  await person.page.getByRole('heading', { name, level: 1 }).waitFor();
}

async function signUp(person: Person, firstName: string, looking: boolean): Promise<void> {
  const { page, name } = person;
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  if (looking) {
    await person.look('sign-in');
  }
  await page.getByRole('link', { name: 'Make an account' }).click();
  await page.getByLabel('First name').fill(firstName);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('E-mail').fill(`${name}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  if (looking) {
    await person.look('sign-up');
    await page.getByLabel('Username').fill('not allowed!');
    await page.getByRole('button', { name: 'Make my account' }).click();
    await page.getByText('This has characters, or a length, that we cannot take.').waitFor();
    expect(await page.getByLabel('Password').inputValue()).toBe(PASSWORD);
    await person.look('sign-up-problem');
    await page.getByLabel('Username').fill(name);
  }
  await page.getByRole('button', { name: 'Make my account' }).click();
  await page.getByRole('heading', { name: 'Look at your mail' }).waitFor();
  if (looking) {
    await person.look('look-at-mail');
  }
  await page.goto(await mailedLink(`${name}@example.com`));
  await page.getByText('Your address is confirmed').waitFor();
  expect(page.url()).not.toContain('token');
  if (looking) {
    await person.look('verified');
  }
  await page.getByRole('link', { name: 'Go to sign in' }).click();
}

async function signIn(person: Person): Promise<void> {
  const { page, name } = person;
  await page.getByLabel('Username or e-mail').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Discover' }).waitFor();
}

async function addPet(person: Person, name: string, breed: string): Promise<void> {
  const { page } = person;
  await open(person, 'Pets');
  await page.getByText('No pets here yet.').waitFor();
  await page.getByRole('link', { name: 'Add a pet' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Breed').fill(breed);
  await page.getByLabel('Age in years').fill('4');
  await page.getByLabel('Lively').check();
  await page.getByRole('button', { name: 'Add this pet' }).click();
  await page.getByRole('heading', { name }).waitFor();
}

async function sayHello(person: Person, name: string): Promise<void> {
  const { page } = person;
  await open(person, 'Discover');
  const hello = page.getByRole('button', { name: `Say hello to ${name}` });
  await hello.waitFor();
  await person.look(`discover-${name.toLowerCase()}`);
  await hello.click();
}
